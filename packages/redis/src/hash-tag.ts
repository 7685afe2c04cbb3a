/** Every key of ours carries it: on a cluster all of them are in one slot, so transactions and scripts work there. */
export const HASH_TAG = "{pl}";
