// schema.mjs - validates decoded CBOR against rules of a CDDL file, which the `cddl` package parses but does
// not apply. It knows the part of CDDL that placemat.cddl uses, and throws at any other:
//
//   uint int tstr bstr bool any; literals; ranges of numbers; `.size` of text and bytes; choices (/);
//   arrays, matched item by item without going back; maps whose keys are names of numbers, by `=>`, and
//   `* uint => type` for all others.
import { Parser } from 'cddl'

const isInteger = (v) => typeof v === 'bigint' || Number.isInteger(v)
const natives = {
  any: () => true,
  uint: (v) => isInteger(v) && v >= 0,
  int: isInteger,
  tstr: (v) => typeof v === 'string',
  bstr: (v) => v instanceof Uint8Array,
  bool: (v) => typeof v === 'boolean'
}

export class Schema {
  constructor (path) {
    this.rules = new Map()
    for (const rule of new Parser(path).parse()) {
      if (this.rules.has(rule.Name)) throw new Error(`${rule.Name} is defined twice`)
      this.rules.set(rule.Name, rule)
    }
    for (const rule of this.rules.values()) this.inspect(rule.Type === 'variable' ? rule.PropertyType : rule)
  }

  rule (name) {
    const rule = this.rules.get(name)
    if (!rule) throw new Error(`no rule ${name}`)
    return rule
  }

  // Throws at what is not understood or not defined, so that no part of the schema goes unused unseen.
  inspect (type) {
    if (Array.isArray(type)) return type.forEach((each) => this.inspect(each))
    this.check(type, Symbol('matches nothing'), '', () => {})
    const parts = type.Properties ?? type.Values
    for (const part of parts ?? []) {
      if (Array.isArray(part)) throw new Error('choices between groups are not understood')
      if (type.Properties && !natives[part.Name] && !isInteger(this.key(part))) throw new Error(`${part.Name} is no key`)
      this.inspect(part.Type)
    }
  }

  // The number that stands for a field, by the rule of its name.
  key (property) {
    const rule = this.rule(property.Name)
    return rule.PropertyType?.length === 1 ? rule.PropertyType[0].Value : undefined
  }

  // What is wrong with a value, or null when it matches the rule.
  validate (name, value) {
    let wrong = null
    const matches = this.matches({ Type: 'group', Value: name }, value, name, (text) => { wrong ??= text })
    return matches ? null : wrong ?? `${name}: no match`
  }

  // Does the value match a type, or one of several? `say` hears why not.
  matches (type, value, path, say) {
    if (!Array.isArray(type)) return this.check(type, value, path, say)
    if (type.length === 1) return this.check(type[0], value, path, say)
    const reasons = []
    if (type.some((each) => this.check(each, value, path, (text) => reasons.push(text)))) return true
    // The reason that came furthest is of the choice that was meant.
    say(reasons.sort((a, b) => b.length - a.length)[0] ?? `${path}: none of the choices`)
    return false
  }

  check (type, value, path, say) {
    const no = (text) => { say(`${path}: ${text}`); return false }
    if (typeof type === 'string') {
      if (!natives[type]) throw new Error(`${path}: type ${type} is not understood`)
      return natives[type](value) || no(`not ${type}`)
    }
    if (type.Operator) return this.sized(type, value, path, no)
    switch (type.Type) {
      case 'literal':
        return value === type.Value || no(`not ${JSON.stringify(type.Value)}`)
      case 'range':
        return this.inRange(type.Value, value) || no(`not in ${type.Value.Min.Value}..${type.Value.Max.Value}`)
      case 'array':
        return this.list(type, value, path, say)
      case 'group':
        if (type.Properties) return this.map(type, value, path, say)
        return this.named(type.Value, value, path, say)
      default:
        if (natives[type.Type]) return natives[type.Type](value) || no(`not ${type.Type}`)
        throw new Error(`${path}: ${JSON.stringify(type)} is not understood`)
    }
  }

  named (name, value, path, say) {
    if (natives[name]) return this.check(name, value, path, say)
    const rule = this.rule(name)
    return this.matches(rule.Type === 'variable' ? rule.PropertyType : rule, value, path, say)
  }

  inRange (range, value) {
    if (!range.Inclusive) throw new Error('ranges that leave out their end are not understood')
    return isInteger(value) && value >= range.Min.Value && value <= range.Max.Value
  }

  sized (type, value, path, no) {
    if (type.Operator.Type !== 'size') throw new Error(`${path}: .${type.Operator.Type} is not understood`)
    if (!natives[type.Type](value)) return no(`not ${type.Type}`)
    const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length
    const bound = type.Operator.Value
    const good = bound.Type === 'range' ? this.inRange(bound.Value, size) : size === bound.Value
    return good || no(`${size} bytes`)
  }

  list (type, value, path, say) {
    const no = (text) => { say(`${path}: ${text}`); return false }
    if (!Array.isArray(value)) return no('not an array')
    let at = 0
    for (const part of type.Values) {
      const { n, m } = part.Occurrence
      let count = 0
      let why = null
      while (at < value.length && count < (m ?? Infinity)) {
        if (!this.matches(part.Type, value[at], `${path}/${part.Name || at}`, (text) => { why ??= text })) break
        at++
        count++
      }
      if (count < n || (why !== null && part === type.Values.at(-1))) return why === null ? no('too few items') : (say(why), false)
    }
    return at === value.length || no('too many items')
  }

  map (type, value, path, say) {
    const no = (text) => { say(`${path}: ${text}`); return false }
    if (!(value instanceof Map)) return no('not a map')
    const left = new Map(value)
    for (const property of type.Properties) {
      if (natives[property.Name]) {
        for (const [key, each] of left) {
          if (natives[property.Name](key) && this.matches(property.Type, each, `${path}/${key}`, say)) left.delete(key)
        }
        continue
      }
      const key = this.key(property)
      if (!left.has(key)) {
        if (property.Occurrence.n > 0) return no(`${property.Name} is missing`)
        continue
      }
      if (!this.matches(property.Type, left.get(key), `${path}/${property.Name}`, say)) return false
      left.delete(key)
    }
    return left.size === 0 || no(`key ${[...left.keys()][0]} is not known`)
  }
}
