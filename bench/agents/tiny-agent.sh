#!/bin/sh
# The lightest agent there is: a shell that speaks just enough ACP, one megabyte and one millisecond to start.
# Thousands of channels can be used once on one machine with it. It counts its turns as the echo agent does.
turn=0
reply() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
while IFS= read -r line; do
  id=${line#*\"id\":}
  id=${id%%[,\}]*}
  case $line in
    *'"method":"initialize"'*)
      reply '{"protocolVersion":1,"agentCapabilities":{},"authMethods":[]}' ;;
    *'"method":"session/new"'*)
      reply "{\"sessionId\":\"tiny-$$\"}" ;;
    *'"method":"session/prompt"'*)
      turn=$((turn + 1))
      printf '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"tiny-%s","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"#%s"}}}}\n' "$$" "$turn"
      reply '{"stopReason":"end_turn"}' ;;
    *'"method":"session/cancel"'*) ;;
    *'"method"'*'"id":'* | *'"id":'*'"method"'*)
      printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"Method not found"}}\n' "$id" ;;
  esac
done
