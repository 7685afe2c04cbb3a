/** Where a Redis server that had to be fetched for tests is kept, so that it is fetched once. */
export const FETCH_DIR = new URL("../../../.cache/redis", import.meta.url).pathname;
