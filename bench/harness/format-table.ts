/** Rows under a heading, columns as wide as their widest cell; numbers stand to the right. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? short(cell) : cell)),
  );
  const widths = heading.map((title, i) =>
    Math.max(title.length, ...cells.map((row) => (row[i] ?? "").length)),
  );
  const line = (row: readonly string[], source?: readonly (string | number)[]) =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return typeof source?.[i] === "number" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [line(heading), ...cells.map((row, i) => line(row, rows[i]))].join("\n");
}

function short(value: number): string {
  if (Number.isInteger(value)) {
    return String(value);
  }
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3);
}
