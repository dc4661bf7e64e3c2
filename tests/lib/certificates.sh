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

certificate() { # name authority days alternative-names
    openssl req "${key[@]}" -keyout "$1.key" -out request -subj "/CN=Invented $1"
    openssl x509 -req -in request -CA "$2.pem" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" -days "$3" \
        -extfile <(echo "subjectAltName=$4") -out "$1.pem"
}

exec 3>&2 2>log # OpenSSL tells its progress there
trap 'cat log >&3' ERR
here=DNS:localhost,DNS:127.0.0.1,IP:127.0.0.1
authority ca
authority other
certificate server ca 2 $here
certificate renewed other 2 $here
certificate expired ca -1 $here
certificate named ca 2 DNS:placemat.gullwing.invalid
certificate client ca 2 DNS:client.invalid
certificate stranger other 2 DNS:stranger.invalid
rm request log
