-- A worker's own figures, beside those of its sessions; they expire by themselves, should this come after it was pruned.
-- ARGV: worker, field, figures (JSON), ms until they expire
-- Uses: keys
call('HSET', live_key(ARGV[1]), ARGV[2], ARGV[3])
call('PEXPIRE', live_key(ARGV[1]), ARGV[4])
return 1
