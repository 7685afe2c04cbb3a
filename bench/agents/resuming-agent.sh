#!/bin/sh
# As light as the tiny agent, and it can be resumed: it keeps its count of turns in a file per session under
# RESUMING_AGENT_HOME. It answers "#N " and the prompt, where N counts the session's turns over all its processes.
turn=0
session=
reply() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"%s"}}\n' "$id" "$1" "$2"; }
field() {
  value=${line#*\"$1\":\"}
  value=${value%%\"*}
}
while IFS= read -r line; do
  id=${line#*\"id\":}
  id=${id%%[,\}]*}
  case $line in
    *'"method":"initialize"'*)
      reply '{"protocolVersion":1,"agentCapabilities":{"sessionCapabilities":{"resume":{}}},"authMethods":[]}' ;;
    *'"method":"session/new"'*)
      # A pid is not enough: each agent may have a pid namespace of its own.
      read -r session </proc/sys/kernel/random/uuid
      reply "{\"sessionId\":\"$session\"}" ;;
    *'"method":"session/resume"'*)
      field sessionId
      if [ -r "$RESUMING_AGENT_HOME/$value" ]; then
        session=$value
        read -r turn <"$RESUMING_AGENT_HOME/$session"
        reply '{}'
      else
        refuse -32002 'Resource not found'
      fi ;;
    *'"method":"session/prompt"'*)
      turn=$((turn + 1))
      if [ -n "$RESUMING_AGENT_HOME" ]; then
        echo "$turn" >"$RESUMING_AGENT_HOME/$session"
      fi
      field text
      printf '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"%s","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"#%s %s"}}}}\n' "$session" "$turn" "$value"
      reply '{"stopReason":"end_turn"}' ;;
    *'"method":"session/cancel"'*) ;;
    *'"method"'*'"id":'* | *'"id":'*'"method"'*)
      refuse -32601 'Method not found' ;;
  esac
done
