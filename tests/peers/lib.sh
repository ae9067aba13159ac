# Common ground of the scripts beside this one. Each starts another project's server for a test:
#
#	usage: PEER [-p PORT] [-c CERTS] [-n NAME] MODE
#
#	-p PORT    where to listen on 127.0.0.1; without it a free port is taken
#	-c CERTS   directory made by make-certs, for modes with TLS (default: made anew)
#	-n NAME    what the server says it is in the x-server field (default: the script's name)
#
# It runs in the foreground, prints "ready PORT" on a line when connections are accepted, and ends
# with status 0 on TERM, INT or HUP, leaving neither processes nor files. In a scenario:
#
#	process p1 "${peers}/apache -p ${port1} h2c" -start
#	process p1 -expect-text 0 0 "ready ${port1}"
#
# Files served (peer_docroot): / "hello from NAME", /small (100 bytes), /64k, /1m.
set -u

peer_begin() {
	port="" certs="" name=${0##*/} child=""
	local opt
	while getopts p:c:n: opt; do
		case $opt in
		p) port=$OPTARG ;;
		c) certs=$OPTARG ;;
		n) name=$OPTARG ;;
		*) exit 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	mode=${1:-http}
	dir=$(mktemp -d "${TMPDIR:-/tmp}/peer.XXXXXX") || exit 1
	chmod 755 "$dir"
	trap peer_end EXIT
	trap 'exit 0' TERM INT HUP
	[ -n "$port" ] || port=$(peer_free_port)
	case $mode in
	*tls* | h2)
		if [ -z "$certs" ]; then
			certs=$dir/certs
			"$(dirname "$0")/make-certs" "$certs" || exit 1
		fi
		;;
	esac
}

peer_end() {
	trap '' TERM INT HUP
	if [ -n "$child" ]; then
		kill -TERM "$child" 2>/dev/null
		local i
		for i in {1..30}; do
			kill -0 "$child" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$child" 2>/dev/null
	fi
	rm -rf "$dir"
}

peer_free_port() {
	local p
	for _ in {1..100}; do
		p=$((28000 + RANDOM % 4000))
		if ! grep -q ":$(printf %04X $p) " /proc/net/tcp /proc/net/tcp6; then
			echo $p
			return
		fi
	done
}

peer_docroot() {
	mkdir -p "$dir/www"
	echo "hello from $name" >"$dir/www/index.html"
	printf '%099d\n' 0 >"$dir/www/small"
	local i
	for i in {0..1023}; do printf '%063d\n' "$i"; done >"$dir/www/64k"
	for i in {1..16}; do cat "$dir/www/64k"; done >"$dir/www/1m"
	chmod -R a+rX "$dir/www"
}

# Starts the server (an own process, so that a trap can run meanwhile), waits until it accepts,
# says so, and stays until it ends.
peer_run() {
	"$@" >"$dir/out" 2>&1 &
	child=$!
	local i
	for i in {1..200}; do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
		if ! kill -0 "$child" 2>/dev/null || [ "$i" -eq 200 ]; then
			echo "$name does not start: $*" >&2
			cat "$dir/out" "$dir"/*.log >&2
			exit 1
		fi
		sleep 0.05
	done
	echo "ready $port"
	wait "$child"
	cat "$dir/out"
	exit 1 # nobody asked it to end
}
