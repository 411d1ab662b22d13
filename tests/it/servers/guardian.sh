# Keeps the servers of the tests for as long as the tests live. Run as `sh -c THIS guardian FOLDER`.
#
# Orders come one a line ("start NAME COMMAND...", "stop NAME"), and each is answered with a line. When the tests end,
# however they end, there is nothing more to read: then all that was started here is killed, by its number, and the
# folder is removed.
trap : HUP INT TERM PIPE
folder=$1

# A process that has ended stays listed as a zombie until it is waited for.
running() {
    { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null && [ "$state" != Z ]
}

# Asks the process to end, gives it two seconds, then ends it and all that it started.
end() {
    name=$1 signal=$2
    [ -e "$folder/$name.pid" ] || return 0
    read -r id <"$folder/$name.pid"
    kill "-$signal" "$id" 2>/dev/null
    tries=0
    while running "$id" && [ "$tries" -lt 100 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    kill -KILL "-$id" 2>/dev/null
    wait "$id" 2>/dev/null
    rm -f "$folder/$name.pid"
}

while read -r verb name command; do
    case $verb in
    start)
        # A group of its own, numbered like the process, so that its children can be ended with it.
        setsid $command </dev/null >>"$folder/$name.out" 2>&1 &
        echo $! >"$folder/$name.pid"
        ;;
    stop) end "$name" TERM ;;
    esac
    echo "$verb $name"
done

for file in "$folder"/*.pid; do
    [ -e "$file" ] || continue
    read -r id <"$file"
    kill -KILL "-$id" "$id" 2>/dev/null
    wait "$id" 2>/dev/null
done
rm -rf "$folder"
