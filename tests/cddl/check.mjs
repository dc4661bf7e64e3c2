// check.mjs - checks CBOR messages against a CDDL file, and reports in TAP.
//
//   node check.mjs SCHEMA DIRECTORY
//
// A file DIRECTORY/RULE/NAME is one message, which must match RULE; DIRECTORY/not-RULE/NAME must not. And
// DIRECTORY/keys has lines "name number": the schema's keys must be just those.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from 'cborg'
import { Schema } from './schema.mjs'

const [schemaPath, directory] = process.argv.slice(2)
const schema = new Schema(schemaPath)
let number = 0
let failed = 0

function report (good, name, why = []) {
  number++
  if (!good) failed++
  console.log(`${good ? 'ok' : 'not ok'} ${number} - ${name}`)
  for (const line of why.slice(0, 10)) console.log(`#   ${line}`)
}

// What is wrong with a message, or null.
function judge (rule, path) {
  try {
    return schema.validate(rule, decode(readFileSync(path), { useMaps: true, rejectDuplicateMapKeys: true }))
  } catch (error) {
    return `${path}: ${error.message}`
  }
}

function checkDirectory (name) {
  const reject = name.startsWith('not-')
  const rule = reject ? name.slice(4) : name
  const files = readdirSync(join(directory, name)).sort()
  const wrong = []
  schema.rule(rule)
  for (const file of files) {
    const why = judge(rule, join(directory, name, file))
    if (reject && why === null) wrong.push(`${file}: is taken for ${rule}`)
    if (!reject && why !== null) wrong.push(`${file}: ${why}`)
  }
  report(files.length > 0 && wrong.length === 0,
    `cddl: ${files.length} messages ${reject ? 'that are no' : 'of'} ${rule}`, wrong)
}

function checkKeys () {
  const wanted = readFileSync(join(directory, 'keys'), 'utf8').trim().split('\n').sort()
  const given = [...schema.rules.values()].filter((rule) => rule.Name.startsWith('k_'))
    .map((rule) => `${rule.Name.slice(2)} ${rule.PropertyType[0].Value}`).sort()
  const wrong = [...wanted.filter((key) => !given.includes(key)).map((key) => `missing: ${key}`),
    ...given.filter((key) => !wanted.includes(key)).map((key) => `not one of ours: ${key}`)]
  report(wrong.length === 0 && wanted.length > 0, `cddl: ${wanted.length} keys have the numbers of the code`, wrong)
}

for (const entry of readdirSync(directory, { withFileTypes: true })) {
  if (entry.isDirectory()) checkDirectory(entry.name)
}
checkKeys()
console.log(`1..${number}`)
process.exit(failed > 0 ? 1 : 0)
