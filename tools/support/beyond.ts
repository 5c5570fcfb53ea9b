/** Elements that `some` has more often than `others`. */
export function beyond(some: readonly string[] = [], others: readonly string[] = []): readonly string[] {
  const left = new Map<string, number>()
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1)
  return some.filter((one) => {
    const count = left.get(one) ?? 0
    left.set(one, count - 1)
    return count <= 0
  })
}
