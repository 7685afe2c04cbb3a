/** Names of agents and other things that the configuration declares. */
export const AGENT_NAME_PATTERN = /^[a-z][a-z0-9-]{0,39}$/;
