# shellcheck shell=bash
# A browser for tests: headless Chromium, over its DevTools protocol.
#
#	start_browser		skips the test where there is none
#	browse url width height [theme]	opens a page, on such a screen
#	evaluate expression	its value, as JSON
#	press key code		one key, as its key and virtual code
#	complaints		what the last page had to say, if anything
#	stop_browser		for teardown, if not before
#
# Needs jq, and leaves wait_until and fail to helper.

BROWSER=
BROWSER_ID=0
BROWSER_SESSION=null

start_browser()
{
	local dir=$BATS_TEST_TMPDIR/browser options=(--headless=new
	    --disable-gpu --no-first-run --remote-debugging-pipe) target

	command -v chromium >/dev/null || skip "no chromium"
	command -v jq >/dev/null || skip "no jq"
	if (($(id -u) == 0)); then
		options+=(--no-sandbox)
	fi
	mkdir "$dir"
	mkfifo "$dir/to" "$dir/from"
	chromium "${options[@]}" --user-data-dir="$dir/profile" about:blank \
	    3<"$dir/to" 4>"$dir/from" >/dev/null 2>"$dir/stderr" </dev/null &
	BROWSER=$!
	exec {BROWSER_TO}>"$dir/to" {BROWSER_FROM}<"$dir/from"
	: >"$dir/events"

	devtools Target.createTarget '{"url": "about:blank"}'
	target=$(jq .targetId <<<"$DEVTOOLS")
	devtools Target.attachToTarget \
	    "{\"targetId\": $target, \"flatten\": true}"
	BROWSER_SESSION=$(jq .sessionId <<<"$DEVTOOLS")
	devtools Page.enable
	devtools Runtime.enable
	devtools Log.enable
}

# Reads one message: an answer goes to DEVTOOLS, the rest is an event.
devtools_read()
{
	local message

	IFS= read -r -d '' -t $((20 * SLOW)) -u "$BROWSER_FROM" message ||
	    fail "chromium: $(cat "$BATS_TEST_TMPDIR/browser/stderr")"
	if [[ $message == '{"id":'* ]]; then
		DEVTOOLS=$message
	else
		printf '%s\n' "$message" >>"$BATS_TEST_TMPDIR/browser/events"
	fi
}

# Calls a method with parameters, and has the result in DEVTOOLS.
devtools()
{
	local session=

	BROWSER_ID=$((BROWSER_ID + 1))
	if [[ $BROWSER_SESSION != null ]]; then
		session=", \"sessionId\": $BROWSER_SESSION"
	fi
	printf '{"id": %d, "method": "%s", "params": %s%s}\0' "$BROWSER_ID" \
	    "$1" "${2-{\}}" "$session" >&"$BROWSER_TO"
	DEVTOOLS=
	while [[ $DEVTOOLS != "{\"id\":$BROWSER_ID,"* ]]; do
		devtools_read
	done
	if ! DEVTOOLS=$(jq -ce .result <<<"$DEVTOOLS"); then
		fail "$1 failed"
	fi
}

loaded()
{
	grep -q '"Page.loadEventFired"' "$BATS_TEST_TMPDIR/browser/events"
}

await_load()
{
	until loaded; do
		devtools_read
	done
}

browse()
{
	: >"$BATS_TEST_TMPDIR/browser/events"
	devtools Emulation.setDeviceMetricsOverride \
	    "{\"width\": $2, \"height\": $3, \"deviceScaleFactor\": 1,
	    \"mobile\": $( (($2 < 600)) && echo true || echo false)}"
	devtools Emulation.setEmulatedMedia "{\"features\": [{\"name\":
	    \"prefers-color-scheme\", \"value\": \"${4-light}\"}]}"
	devtools Page.navigate "$(jq -n --arg url "$1" '{$url}')"
	await_load
}

evaluate()
{
	devtools Runtime.evaluate \
	    "$(jq -n --arg e "$1" '{expression: $e, returnByValue: true}')"
	jq -c .result.value <<<"$DEVTOOLS"
}

press()
{
	local text='' type

	if [[ $1 == Enter ]]; then
		text='"text": "\r",'
	fi
	for type in keyDown keyUp; do
		devtools Input.dispatchKeyEvent "{\"type\": \"$type\", $text
		    \"key\": \"$1\", \"code\": \"$1\",
		    \"windowsVirtualKeyCode\": $2}"
	done
}

# Dialogs, refused resources, errors of scripts.
complaints()
{
	local events='Log.entryAdded|Page.javascriptDialogOpening'
	events+='|Runtime.exceptionThrown|Runtime.consoleAPICalled'

	grep -E "\"($events)\"" "$BATS_TEST_TMPDIR/browser/events" || true
}

stop_browser()
{
	if [[ -z $BROWSER ]]; then
		return
	fi
	BROWSER_SESSION=null
	printf '{"id": 0, "method": "Browser.close"}\0' >&"$BROWSER_TO" || true
	wait_until 10 gone "$BROWSER" || kill -KILL "$BROWSER"
	exec {BROWSER_TO}>&- {BROWSER_FROM}<&-
	BROWSER=
}
