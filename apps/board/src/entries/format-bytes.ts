const MIB = 1024 * 1024;

export function formatBytes(bytes: number): string {
  return bytes < 1024 * MIB
    ? `${(bytes / MIB).toFixed(1)} MiB`
    : `${(bytes / 1024 / MIB).toFixed(2)} GiB`;
}
