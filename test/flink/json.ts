/** JSON with infinities, which stand in it as the strings "Infinity" and "-Infinity": Flink's Long.MAX_VALUE and Long.MIN_VALUE. */

export function toJson(content: unknown): string {
  return JSON.stringify(content, (_, value: unknown) =>
    typeof value === 'number' && Math.abs(value) === Number.POSITIVE_INFINITY ? String(value) : value,
  )
}

/** The caller says what it is: these files are made here. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text, (_, value: unknown) =>
    value === 'Infinity' || value === '-Infinity' ? Number(value) : value,
  )
}
