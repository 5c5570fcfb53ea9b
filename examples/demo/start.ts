/**
 * `npm start`: the uppercase job processes twenty thousand numbered lines while it is killed with
 * SIGKILL five times, each time at another step of the checkpoint protocol. Then all lines are
 * counted.
 *
 *   npm start                    on the first broker found: KAFKA_BROKERS, Docker, Java + Maven
 *                                (without any: on the embedded log)
 *   npm start -- --embedded      on the embedded log
 *   npm start -- --records 5000
 *   npm start -- --no-page       without the page that shows the job, the kills and what follows
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findBroker } from '../../tools/broker/findBroker.ts'
import { embeddedGround } from './embeddedGround.ts'
import { kafkaGround } from './kafkaGround.ts'
import { killing } from './killing.ts'
import { demoPage } from './page.ts'
import { verdict } from './verdict.ts'

const { values } = parseArgs({
  options: {
    embedded: { type: 'boolean' },
    records: { type: 'string', default: '20000' },
    'no-page': { type: 'boolean' },
  },
})
const records = Number(values.records)
const folder = await mkdtemp(join(tmpdir(), 'rxweft-demo-'))
const started = Date.now()

console.log(
  `${records} lines go through a job that is killed five times. This takes half a minute to a minute once a broker runs`,
)
if (!values.embedded)
  console.log('looking for a broker: KAFKA_BROKERS, Docker, Java + Maven (downloads Kafka on the first run)')
const broker = values.embedded ? ({ kind: 'none', reason: '--embedded' } as const) : await findBroker()
console.log(broker.kind === 'none' ? `embedded log (${broker.reason})` : broker.describe)
const ground = broker.kind === 'none' ? embeddedGround(folder) : await kafkaGround(broker)
let exitCode = 1
try {
  const page = values['no-page'] ? null : await demoPage(ground)
  const kills = await killing(ground, records, folder, page)
  const judged = verdict(await ground.output(), records, kills)
  for (const row of judged.table) console.log(row)
  console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s`)
  console.log(judged.line)
  exitCode = judged.clean ? 0 : 1
} finally {
  await ground.close()
  if (broker.kind !== 'none') await broker.stop()
  await rm(folder, { recursive: true, force: true })
}
process.exit(exitCode)
