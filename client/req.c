/*
 * req.c: see req.h. Over the connection goes what nng sends over any stream: at the beginning a
 * greeting of eight bytes each way, then messages: a length of eight bytes, big-endian, four bytes
 * by which the answer is known, and the body. Over ipc a byte of 1 stands before each message.
 */
#include "client/req.h"

#include "client/req_tls.h"

#include <endian.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GREETING = 8,
    MARK = 1, /* the byte before a message over ipc */
    LENGTH = 8,
    ID = 4, /* bytes of the request's id */
    HEAD_MAX = MARK + LENGTH + ID,
    ANSWER_MAX = 64 << 20, /* bytes */
};

/* nng knows the id by its highest bit from what else may stand before it. */
#define ID_MARK UINT32_C(0x80000000)

static const uint8_t ours[GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};   /* asks */
static const uint8_t theirs[GREETING] = {0, 'S', 'P', 0, 0, 0x31, 0, 0}; /* answers */

struct req {
    struct channel channel;
    struct endpoint endpoint;
    char *url;
    SSL_CTX *context; /* NULL: without TLS */
    char *ca;         /* the file of the authorities, to name it; NULL: the system's */
    uint32_t request; /* id of the last, as it goes over the wire */
    char why[256];
};

/* ---- Connecting ---- */

static enum channel_result greet(struct req *req, int64_t until)
{
    uint8_t greeting[GREETING];
    enum channel_result result = channel_take(&req->channel, greeting, sizeof greeting, until);
    if (result == CHANNEL_DONE)
        result = channel_put(&req->channel, ours, sizeof ours, until);
    if (result == CHANNEL_DONE && memcmp(greeting, theirs, sizeof theirs) != 0)
        result = CHANNEL_BROKEN;
    return result;
}

static enum channel_result open_req(struct req *req, int64_t until)
{
    enum channel_result result = channel_connect(&req->channel, &req->endpoint, until);
    if (result == CHANNEL_DONE && req->context != NULL)
        result = req_tls_agree(&req->channel, req->context, req->endpoint.host, until);
    if (result == CHANNEL_DONE)
        result = greet(req, until);
    if (result != CHANNEL_DONE && req->channel.ssl != NULL)
        result = req_tls_explain(&req->channel, result, req->url, req->ca, req->why);
    if (result != CHANNEL_DONE)
        req_close(req);
    return result;
}

/* ---- What is offered ---- */

struct req *req_create(const char *url, const struct tls_files *files, char error[256])
{
    struct req *req = calloc(1, sizeof *req);
    snprintf(error, 256, "Out of memory.");
    if (req == NULL)
        return NULL;
    req->channel.socket = -1;
    req->url = strdup(url);
    req->ca = files->ca != NULL ? strdup(files->ca) : NULL;
    bool known = endpoint_of(url, &req->endpoint);
    if (!known)
        snprintf(error, 256,
                 "Cannot connect to \"%.120s\": give ipc://PATH, tcp://HOST:PORT or "
                 "tls+tcp://HOST:PORT.",
                 url);
    if (known && req->endpoint.kind == ENDPOINT_TLS)
        req->context = tls_client(files, error);
    if (known && req->url != NULL && (req->context != NULL || req->endpoint.kind != ENDPOINT_TLS))
        return req;
    req_destroy(req);
    return NULL;
}

void req_destroy(struct req *req)
{
    if (req == NULL)
        return;
    req_close(req);
    SSL_CTX_free(req->context);
    free(req->url);
    free(req->ca);
    free(req);
}

void req_close(struct req *req)
{
    channel_close(&req->channel);
}

/* How many bytes of a message's head come before its length. */
static size_t mark_of(const struct req *req)
{
    return req->endpoint.kind == ENDPOINT_IPC ? MARK : 0;
}

/* A message in one piece, so that it goes out in one packet or record where it fits. */
static enum channel_result put_message(struct req *req, const struct req_part part[2],
                                       int64_t until)
{
    size_t mark = mark_of(req), body = part[0].size + part[1].size;
    uint64_t length = htobe64(ID + body);
    uint8_t *bytes = malloc(HEAD_MAX + body), *at = bytes;
    if (bytes == NULL)
        return CHANNEL_NO_MEMORY;
    memset(at, 1, mark);
    at = mempcpy(at + mark, &length, sizeof length);
    at = mempcpy(at, &req->request, ID);
    for (int i = 0; i < 2; i++) {
        if (part[i].size > 0)
            at = mempcpy(at, part[i].bytes, part[i].size);
    }
    enum channel_result result = channel_put(&req->channel, bytes, (size_t)(at - bytes), until);
    free(bytes);
    return result;
}

enum channel_result req_send(struct req *req, const struct req_part part[2], int64_t wait)
{
    int64_t until = channel_clock() + wait;
    req->why[0] = '\0';
    if (req->channel.socket >= 0 && channel_has_ended(&req->channel))
        req_close(req);
    enum channel_result result = req->channel.socket < 0 ? open_req(req, until) : CHANNEL_DONE;
    if (result != CHANNEL_DONE)
        return result;
    req->request = htobe32(ID_MARK | (be32toh(req->request) + 1));
    result = put_message(req, part, until);
    if (result != CHANNEL_DONE)
        req_close(req);
    return result;
}

/* The head of the next message: the size of its body, and its id. */
static enum channel_result take_head(struct req *req, size_t *size, uint32_t *id, int64_t until)
{
    uint8_t head[HEAD_MAX];
    uint64_t length;
    size_t mark = mark_of(req);
    enum channel_result result = channel_take(&req->channel, head, mark + LENGTH + ID, until);
    if (result != CHANNEL_DONE)
        return result;
    memcpy(&length, head + mark, sizeof length);
    memcpy(id, head + mark + LENGTH, ID);
    length = be64toh(length);
    *size = (size_t)length - ID;
    bool ours_to_read = (mark == 0 || head[0] == 1) && length >= ID && length <= ANSWER_MAX;
    return ours_to_read ? CHANNEL_DONE : CHANNEL_BROKEN;
}

/* The next message, without its head. Its id in id. */
static enum channel_result take_message(struct req *req, uint8_t **out, size_t *size, uint32_t *id,
                                        int64_t until)
{
    enum channel_result result = take_head(req, size, id, until);
    if (result != CHANNEL_DONE)
        return result;
    *out = malloc(*size + 1); /* something even of an empty one */
    if (*out == NULL)
        return CHANNEL_NO_MEMORY;
    result = channel_take(&req->channel, *out, *size, until);
    if (result != CHANNEL_DONE)
        free(*out);
    return result;
}

enum channel_result req_receive(struct req *req, uint8_t **out, size_t *size, int64_t wait)
{
    int64_t until = channel_clock() + wait;
    uint32_t id = 0;
    if (req->channel.socket < 0)
        return CHANNEL_BROKEN;
    enum channel_result result = take_message(req, out, size, &id, until);
    while (result == CHANNEL_DONE && id != req->request) {
        free(*out);
        result = channel_clock() < until ? take_message(req, out, size, &id, until)
                                         : CHANNEL_BROKEN; /* it goes on about something else */
    }
    return result;
}

const char *req_why(const struct req *req)
{
    return req->why;
}
