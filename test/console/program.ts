/** A program with a job and its page, to be killed: `program.ts PORT FOLDER`. */
import { join } from 'node:path'
import { defineJob, execute, fileStorage, text, to } from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'
import { consolePage } from '../../src/console/index.ts'

const [port, folder = ''] = process.argv.slice(2)
const log = embeddedLog(join(folder, 'log'))
if (log.topics().length === 0) for (const topic of ['in', 'out']) log.createTopic(topic, { partitions: 1 })
setInterval(() => log.append('in', [{ value: 'x' }]), 50)
const job = execute(
  defineJob('mortal', ({ from }) =>
    from(embeddedSource(log, { topic: 'in', value: text })).pipe(to(embeddedSink(log, { topic: 'out', value: text }))),
  ),
  { storage: fileStorage(join(folder, 'checkpoints')), checkpointing: { interval: 300 } },
)
const { url } = await consolePage(job, { port: Number(port) })
console.log(url)
