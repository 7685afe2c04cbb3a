/** What Redis answers when it does not take a command at the moment: nothing was written. */
export const REDIS_REFUSAL =
  /^(OOM|READONLY|LOADING|MASTERDOWN|NOREPLICAS|MISCONF|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|EXECABORT|NOSCRIPT|BUSY)/;
