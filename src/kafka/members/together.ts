interface Closing {
  close(): Promise<unknown>
}

/** Opens two things side by side. If one of them fails, the other is closed. */
export async function together<A extends Closing, B extends Closing>(
  one: Promise<A>,
  other: Promise<B>,
): Promise<readonly [A, B]> {
  const outcomes = await Promise.allSettled([one, other])
  try {
    return await Promise.all([one, other])
  } catch (thrown) {
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.close()
    throw thrown
  }
}
