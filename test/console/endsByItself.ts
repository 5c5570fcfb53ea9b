/** A program whose job finishes while somebody looks at its page. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { defineJob, execute, memorySink, memorySource, memoryStorage, to } from 'rxweft'
import { consolePage } from '../../src/console/index.ts'

const source = memorySource<string>()
const job = execute(
  defineJob('short', ({ from }) => from(source).pipe(to(memorySink()))),
  { storage: memoryStorage() },
)
const { url } = await consolePage(job, { port: 0 })
// A client that does not keep this process alive either.
const { host, port } = new URL(url)
const client = connect(Number(port), '127.0.0.1').unref()
client.write(`GET /api/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
await once(client, 'data')
console.log('looking')
source.end()
console.log((await job.done).outcome)
