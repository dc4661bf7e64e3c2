#!/usr/bin/env bash
# certificates.sh - makes certificates for a test, in its scratch directory, good for two days and for nothing else.
#
#   tests/lib/certificates.sh DIR
#
# Of the authority ca: server and expired for localhost and 127.0.0.1, named for another host, client for a client.
# Of the authority other: renewed as server, stranger for a client. Each NAME is NAME.pem and NAME.key.
set -euo pipefail
cd "$1"
umask 077

key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

authority() { # name
    openssl req -x509 "${key[@]}" -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=Invented authority $1" \
        -addext 'keyUsage=critical,keyCertSign'
}

# Days that are over: said as such to OpenSSL 3.0, as dates to one that takes them and no such days.
over=(-days -1)
if openssl x509 -help 2>&1 | grep -q not_after; then over=(-not_before 20240101000000Z -not_after 20240102000000Z); fi

certificate() { # name authority alternative-names option...: how long it is good
    openssl req "${key[@]}" -keyout "$1.key" -out request -subj "/CN=Invented $1"
    openssl x509 -req -in request -CA "$2.pem" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" \
        -extfile <(echo "subjectAltName=$3") -out "$1.pem" "${@:4}"
}

exec 3>&2 2>log # OpenSSL tells its progress there
trap 'cat log >&3' ERR
here=DNS:localhost,DNS:127.0.0.1,IP:127.0.0.1
authority ca
authority other
certificate server ca $here -days 2
certificate renewed other $here -days 2
certificate expired ca $here "${over[@]}"
certificate named ca DNS:placemat.gullwing.invalid -days 2
certificate client ca DNS:client.invalid -days 2
certificate stranger other DNS:stranger.invalid -days 2
rm request log
