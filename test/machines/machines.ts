/**
 * `npm run machines`: a word count in five processes over three brokers, each on a machine of its
 * own (a network namespace) where this system allows it, else on loopback. Processes and brokers are
 * killed, frozen, cut off and restarted, while a view shows who runs what. Then Java's consumer
 * reads what came out, and every count is compared.
 */
import { kafkaJars } from '../../tools/broker/kafkaJars.ts'
import { againInOwnNamespaces, inOwnNamespaces, whyNoNamespaces } from '../../tools/machines/ownNamespaces.ts'
import { consoleConsume } from '../../tools/support/consoleConsumer.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { machineFaults } from './faults.ts'
import { play } from './play.ts'
import { type Settings, settingsOf } from './settings.ts'
import { openSite, type Site, topics } from './site.ts'
import { stepLines } from './steps.ts'
import { isClean, lastLine, table } from './table.ts'
import { type Counted, type Verdict, verdict } from './verdict.ts'
import { openView } from './view.ts'

/** Limit until the job has started, and until more is counted of what was fed, ms. */
const patience = 300_000

async function run(settings: Settings): Promise<boolean> {
  const { processes, shards, interval, only } = settings
  console.log(
    [
      'A word count runs in several processes over three brokers. They are killed, frozen, cut off and restarted; in the',
      `end Kafka's own consumer reads what was counted. ${only === '' ? 'A round takes several minutes, half an hour where cores are busy.' : 'Only some faults happen.'}`,
      `Three brokers and a controller start; then ${processes === 1 ? 'one process' : `${processes} processes`} with ${shards} shards, a checkpoint each ${interval} ms.`,
    ].join('\n'),
  )
  const site = await openSite(settings)
  const view = await openView(site)
  try {
    view.says('all processes start')
    for (const worker of site.workers) worker.start()
    if (!(await site.whole(patience))) throw new Error(`the job did not start:\n${site.workers[0]?.said()}`)
    if (settings.state > 0) {
      view.says(`each shard gets ${settings.state} MB of state`)
      if (!(await site.counted(patience)))
        throw new Error(`the state was not there in time:\n${site.workers.map((one) => one.said()).join('\n')}`)
    }
    const possible = machineFaults.filter(
      ({ name, needsMachines, needsOthers }) =>
        name.includes(settings.only) && (settings.machines || !needsMachines) && (processes > 1 || !needsOthers),
    )
    const { rows, pauses } = await play(site, possible, view.says)
    view.says('no more words; the rest is counted')
    const drained = await site.drained(patience)
    if (!drained) console.log('FAILED: nothing more is counted, though not everything is')
    await Promise.all(site.workers.map((worker) => worker.leave()))
    await view.close()
    const found = await judge(site)
    const steps = stepLines(site.workers.map(({ history }) => history))
    console.log(['', ...table(rows), '', ...steps, ...(steps.length > 0 ? [''] : [])].join('\n'))
    if (found.reordered > 0) console.log(`${found.reordered} reordered`)
    console.log(lastLine(found, pauses))
    return drained && isClean(found, rows)
  } finally {
    await view.close()
    await site.close()
  }
}

/** What is visible in the end, as Kafka's own consumer sees it. */
async function judge({ cluster }: Site): Promise<Verdict> {
  const options = { timeout: patience }
  const lines = await consoleConsume(cluster.brokers, topics.lines, options)
  const counts = await consoleConsume(cluster.brokers, topics.counts, options)
  const output = counts.map(({ partition, value }): Counted => ({ partition, ...JSON.parse(String(value)) }))
  return verdict(
    lines.map(({ value }) => String(value)),
    output,
  )
}

async function main(): Promise<number> {
  let settings: Settings
  try {
    settings = settingsOf(process.argv.slice(2))
  } catch (thrown) {
    console.error((thrown as Error).message)
    return 2
  }
  if (!(await javaAvailable())) {
    console.error('npm run machines needs Java 17 or newer, and Maven: for the brokers, and for the judge')
    return 2
  }
  if (settings.machines && !inOwnNamespaces()) {
    // Maven has no network in there.
    await kafkaJars()
    const why = await whyNoNamespaces()
    if (why === null) return againInOwnNamespaces()
    console.log(`on loopback, without cut cables: network namespaces cannot be made here (${why})`)
    settings = { ...settings, machines: false }
  }
  return (await run(settings)) ? 0 : 1
}

process.exit(await main())
