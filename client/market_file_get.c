/*
 * market_file_get.c - what stands at a key of a map, as a value: the key is found, or told missing,
 * and its text read.
 */
#include "market_file.h"

#include <string.h>

bool mf_get_name(struct reader *reader, const struct field *map, const char *key,
                 struct pm_name *out)
{
    struct field field;
    if (!mf_get(reader, map, key, &field) || !mf_value_name(reader, &field))
        return false;
    memcpy(out->text, field.text.bytes, field.text.length);
    return true;
}

bool mf_key_name(struct reader *reader, const struct field *field, struct pm_name *out)
{
    struct field key = *field;
    key.name = NULL;
    key.node = NULL;
    key.text = pm_text(field->name);
    if (field->up != NULL && field->up->name != NULL)
        key.name = field->up->name;
    key.up = NULL;
    if (!mf_value_name(reader, &key))
        return false;
    memcpy(out->text, key.text.bytes, key.text.length);
    return true;
}

bool mf_get_whole(struct reader *reader, const struct field *map, const char *key, int64_t min,
                  int64_t max, int64_t *out)
{
    struct field field;
    return mf_get(reader, map, key, &field) && mf_value_whole(reader, &field, min, max, out);
}

bool mf_get_int32(struct reader *reader, const struct field *map, const char *key, int32_t max,
                  int32_t *out)
{
    int64_t value = 0;
    if (!mf_get_whole(reader, map, key, 0, max, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

bool mf_get_word(struct reader *reader, const struct field *map, const char *key,
                 const char *(*name_of)(unsigned), uint8_t *out)
{
    struct field field;
    return mf_get(reader, map, key, &field) && mf_value_word(reader, &field, name_of, out);
}

bool mf_get_named(struct reader *reader, const struct field *root, const char *key, size_t max,
                  struct field *out)
{
    if (!mf_get(reader, root, key, out) || !mf_map(reader, out, NULL, max))
        return false;
    return mf_length(out) > 0 || mf_mistake(reader, out, "none: at least one expected");
}

static bool pence_between(struct reader *reader, const struct field *field, int32_t min,
                          int32_t max, int32_t *out)
{
    if (!mf_value_pence(reader, field, out))
        return false;
    if (*out < min || *out > max)
        return mf_mistake(reader, field, "%.*s is outside %d.%02d to %d.%02d",
                          mf_shown(field->text), field->text.bytes, min / 100, min % 100, max / 100,
                          max % 100);
    return true;
}

bool mf_get_pence(struct reader *reader, const struct field *map, const char *key, int32_t min,
                  int32_t max, int32_t *out)
{
    struct field field;
    return mf_get(reader, map, key, &field) && pence_between(reader, &field, min, max, out);
}

/* ---- What may be missing ---- */

bool mf_option_pence(struct reader *reader, const struct field *map, const char *key, int32_t min,
                     int32_t max, int32_t *out)
{
    struct field field;
    return !mf_find(reader, map, key, &field) || pence_between(reader, &field, min, max, out);
}

bool mf_option_word(struct reader *reader, const struct field *map, const char *key,
                    const char *(*name_of)(unsigned), uint8_t *out)
{
    struct field field;
    return !mf_find(reader, map, key, &field) || mf_value_word(reader, &field, name_of, out);
}

bool mf_option_flag(struct reader *reader, const struct field *map, const char *key, uint8_t *out)
{
    struct field field;
    return !mf_find(reader, map, key, &field) || mf_value_flag(reader, &field, out);
}

bool mf_option_int32(struct reader *reader, const struct field *map, const char *key, int32_t min,
                     int32_t max, int32_t *out)
{
    struct field field;
    int64_t value = 0;
    if (!mf_find(reader, map, key, &field))
        return true;
    if (!mf_value_whole(reader, &field, min, max, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

bool mf_option_duration(struct reader *reader, const struct field *map, const char *key,
                        uint32_t max, uint32_t *out)
{
    struct field field;
    int64_t minutes = 0;
    if (!mf_find(reader, map, key, &field))
        return true;
    if (!mf_value_duration(reader, &field, 1, max, &minutes))
        return false;
    *out = (uint32_t)minutes;
    return true;
}
