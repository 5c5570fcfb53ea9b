/** The page of the demonstration: it lives here, in the process that kills the job, and outlives it. */
import { type ConsolePage, servePage } from '../../src/console/servePage.ts'
import { shownJob } from '../../src/console/shownJob.ts'
import { buildPage } from '../../tools/console/buildPage.ts'
import { type Relay, relay } from '../../tools/console/overIpc.ts'
import type { Ground } from './ground.ts'

/** Taken if it is free. */
const port = 4_600

/** Without a page, for whatever reason, the demonstration goes on. */
export async function demoPage({ job }: Ground): Promise<Relay | null> {
  try {
    const relayed = relay(job)
    await buildPage()
    const { url } = await served(relayed)
    console.log(`watch it at ${url} (as long as the demonstration runs; --no-page)`)
    return relayed
  } catch (error) {
    console.log(`no page: ${(error as Error).message}`)
    return null
  }
}

async function served({ subject }: Relay): Promise<ConsolePage> {
  return servePage(shownJob(subject), { port }).catch((error) => {
    if (error.code !== 'CONSOLE_NOT_LISTENING') throw error
    return servePage(shownJob(subject), { port: 0 })
  })
}
