/** Checks that a job ends with the expected error, and writes nothing to the sink before. */
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { between } from './seededRandom.ts'
import type { Site } from './site.ts'

/** Once or twice, since a restart must not heal by guessing. No copy may be alive. */
export async function stopsAsItMust(site: Site, code: string): Promise<void> {
  const before = await ends(site)
  for (let times = between(site.random, 1, 2); times > 0; times--) {
    const program = site.copies.start()
    const how = await program.ended
    const right = typeof how === 'number' && how !== 0 && program.said.includes(code)
    if (!right) throw new Error(`it was to end with ${code}, and ended with ${how}:\n${program.said}`)
  }
  const after = await ends(site)
  if (after !== before) throw new Error(`it has written before it ended with ${code}: ${before} became ${after}`)
}

async function ends({ arena, sink }: Site): Promise<string> {
  return (await topicEnds([arena.direct], sink, 'read_uncommitted')).join()
}
