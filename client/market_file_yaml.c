/*
 * market_file_yaml.c - the YAML of a market file as a checked tree.
 *
 * The text is gone through twice: first event by event, which costs no memory and refuses whatever
 * a market file has no use for (aliases, tags, depth, more nodes than any market has), then as a
 * document, whose nodes know their lines.
 */
#include "market_file.h"

#include <stdlib.h>
#include <string.h>

struct shape {
    size_t depth, nodes, documents;
};

static bool event_is_node(yaml_event_type_t type)
{
    return type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
           type == YAML_MAPPING_START_EVENT;
}

static bool event_marked(const yaml_event_t *event, const char **what)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    *what = anchor != NULL ? "an anchor (&)" : "a tag (!)";
    return anchor != NULL || tag != NULL;
}

static bool scalar_has_control(const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT)
        return false;
    for (size_t i = 0; i < event->data.scalar.length; i++) {
        yaml_char_t byte = event->data.scalar.value[i];
        if (byte < 0x20 || byte == 0x7f)
            return true;
    }
    return false;
}

static bool check_event(struct reader *reader, const yaml_event_t *event, struct shape *shape)
{
    struct field here = {.file = reader->source->name, .line = event->start_mark.line + 1};
    const char *what = NULL;
    if (event->type == YAML_ALIAS_EVENT)
        return mf_mistake(reader, &here, "an alias (*): write the value out");
    if (event_marked(event, &what))
        return mf_mistake(reader, &here, "%s: a market file has none", what);
    if (scalar_has_control(event))
        return mf_mistake(reader, &here, "a text with a line break or control character");
    if (event->type == YAML_DOCUMENT_START_EVENT && ++shape->documents > 1)
        return mf_mistake(reader, &here, "a second document: one market a file");
    if (event_is_node(event->type) && ++shape->nodes > MARKET_YAML_NODES_MAX)
        return mf_mistake(reader, &here, "more than %d values", MARKET_YAML_NODES_MAX);
    if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)
        shape->depth++;
    if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT)
        shape->depth--;
    if (shape->depth > MARKET_YAML_DEPTH_MAX)
        return mf_mistake(reader, &here, "nested deeper than %d", MARKET_YAML_DEPTH_MAX);
    return true;
}

static bool parser_open(struct reader *reader, yaml_parser_t *parser, const char *bytes,
                        size_t size)
{
    if (!yaml_parser_initialize(parser))
        return mf_out_of_memory(reader);
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)bytes, size);
    return true;
}

static bool parser_mistake(struct reader *reader, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return mf_out_of_memory(reader);
    struct field here = {.file = reader->source->name, .line = parser->problem_mark.line + 1};
    const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";
    return mf_mistake(reader, &here, "not YAML: %s", problem);
}

static bool check_shape(struct reader *reader, const char *bytes, size_t size)
{
    yaml_parser_t parser;
    if (!parser_open(reader, &parser, bytes, size))
        return false;
    struct shape shape = {0};
    bool good = true;
    bool end = false;
    while (good && !end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = parser_mistake(reader, &parser);
            break;
        }
        good = check_event(reader, &event, &shape);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

bool mf_tree(struct reader *reader, const char *bytes, size_t size, yaml_document_t *document)
{
    if (!mf_check_text(reader, reader->source->name, bytes, size) ||
        !check_shape(reader, bytes, size))
        return false;
    yaml_parser_t parser;
    if (!parser_open(reader, &parser, bytes, size))
        return false;
    bool good = yaml_parser_load(&parser, document) != 0 || parser_mistake(reader, &parser);
    yaml_parser_delete(&parser);
    return good;
}

/* ---- Fields of the tree ---- */

static struct pm_text scalar_text(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE)
        return (struct pm_text){.bytes = "", .length = 0};
    return (struct pm_text){.bytes = (const char *)node->data.scalar.value,
                            .length = (uint32_t)node->data.scalar.length};
}

static struct field node_field(const struct field *up, const yaml_node_t *node)
{
    return (struct field){.up = up,
                          .file = up->file,
                          .line = node->start_mark.line + 1,
                          .text = scalar_text(node),
                          .node = node};
}

bool mf_root(struct reader *reader, struct field *out)
{
    const yaml_node_t *node = yaml_document_get_root_node(reader->document);
    *out = (struct field){.file = reader->source->name, .node = node};
    if (node == NULL)
        return mf_mistake(reader, out, "the file is empty");
    out->line = node->start_mark.line + 1;
    return true;
}

static const yaml_node_t *node_of(const struct reader *reader, int id)
{
    return yaml_document_get_node(reader->document, id);
}

size_t mf_length(const struct field *field)
{
    const yaml_node_t *node = field->node;
    if (node->type == YAML_MAPPING_NODE)
        return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    if (node->type == YAML_SEQUENCE_NODE)
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    return 0;
}

static struct field pair_field(const struct reader *reader, const struct field *map,
                               yaml_node_pair_t pair)
{
    const yaml_node_t *key = node_of(reader, pair.key);
    struct field field = node_field(map, node_of(reader, pair.value));
    field.name = (const char *)key->data.scalar.value;
    /* A map or list below its key begins lines later: the key is what one looks for. */
    if (field.node->type != YAML_SCALAR_NODE || field.text.length == 0)
        field.line = key->start_mark.line + 1;
    return field;
}

struct field mf_at(const struct reader *reader, const struct field *field, size_t at)
{
    if (field->node->type == YAML_MAPPING_NODE)
        return pair_field(reader, field, field->node->data.mapping.pairs.start[at]);
    struct field item =
        node_field(field, node_of(reader, field->node->data.sequence.items.start[at]));
    item.index = at + 1;
    return item;
}

bool mf_find(const struct reader *reader, const struct field *map, const char *key,
             struct field *out)
{
    const yaml_node_pair_t *pairs = map->node->data.mapping.pairs.start;
    for (size_t i = 0; i < mf_length(map); i++) {
        if (pm_text_equal(scalar_text(node_of(reader, pairs[i].key)), pm_text(key))) {
            *out = pair_field(reader, map, pairs[i]);
            return true;
        }
    }
    return false;
}

bool mf_get(struct reader *reader, const struct field *map, const char *key, struct field *out)
{
    if (mf_find(reader, map, key, out))
        return true;
    *out = (struct field){.up = map, .file = map->file, .name = key, .line = map->line};
    return mf_mistake(reader, out, "missing");
}

static bool check_key(struct reader *reader, const struct field *map, size_t at,
                      const char *const *keys, size_t count)
{
    const yaml_node_pair_t *pairs = map->node->data.mapping.pairs.start;
    const yaml_node_t *key = node_of(reader, pairs[at].key);
    struct field here = *map;
    here.line = key->start_mark.line + 1;
    if (key->type != YAML_SCALAR_NODE)
        return mf_mistake(reader, &here, "a key that is not a text");
    struct pm_text text = scalar_text(key);
    for (size_t i = 0; i < at; i++) {
        const yaml_node_t *other = node_of(reader, pairs[i].key);
        if (pm_text_equal(scalar_text(other), text))
            return mf_mistake(reader, &here, "\"%.*s\" is there twice, first on line %zu",
                              mf_shown(text), text.bytes, other->start_mark.line + 1);
    }
    if (keys == NULL)
        return true;
    struct suggestion near = {.text = ""};
    for (size_t i = 0; i < count; i++) {
        if (pm_text_equal(pm_text(keys[i]), text))
            return true;
        mf_suggest(&near, text, pm_text(keys[i]));
    }
    return mf_mistake(reader, &here, "unknown field \"%.*s\"%s", mf_shown(text), text.bytes,
                      near.text);
}

bool mf_map(struct reader *reader, const struct field *field, const char *const *keys, size_t count)
{
    if (field->node->type != YAML_MAPPING_NODE)
        return mf_mistake(reader, field, "fields (name: value) expected");
    if (keys == NULL && mf_length(field) > count)
        return mf_mistake(reader, field, "%zu names, %zu at most", mf_length(field), count);
    for (size_t i = 0; i < mf_length(field); i++) {
        if (!check_key(reader, field, i, keys, count))
            return false;
    }
    return true;
}

bool mf_list(struct reader *reader, const struct field *field, size_t min, size_t max)
{
    if (field->node->type != YAML_SEQUENCE_NODE)
        return mf_mistake(reader, field, "a list [...] expected");
    size_t length = mf_length(field);
    if (length < min || length > max)
        return mf_mistake(reader, field, "%zu items, %zu to %zu expected", length, min, max);
    return true;
}
