/** Two machines that talk, in namespaces of their own; prints as JSON what each of them heard. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { openNetwork } from '../../../tools/machines/network.ts'
import { againInOwnNamespaces, inOwnNamespaces } from '../../../tools/machines/ownNamespaces.ts'

const server = `require('node:net').createServer((socket) => socket.on('data', (text) => {
  console.log('heard ' + text)
  socket.write(String(text).toUpperCase())
})).listen(7000, '0.0.0.0', () => console.log('listening'))`

const client = (
  host: string,
) => `const socket = require('node:net').connect(7000, '${host}', () => console.log('connected'))
  socket.on('data', (text) => console.log('got ' + text)).on('error', (error) => console.log('error ' + error.code))
  process.stdin.on('data', (text) => socket.write(String(text).trim()))`

if (!inOwnNamespaces()) process.exit(await againInOwnNamespaces())

const network = await openNetwork(['asks', 'answers'])
const said: string[] = []
const processes = [start('answers', server)]
await until('listening')
const asking = start('asks', client(network.address('answers')))
processes.push(asking)
await until('connected')

const whole = await ask('whole')
await network.hold('answers', 'asks')
const oneWay = await ask('deaf', 'heard deaf')
await network.heal()
await until('got DEAF')
await network.unplug('answers')
const unplugged = await ask('cut')
await network.heal()
await until('got CUT')
console.log(JSON.stringify({ whole, oneWay, unplugged, all: said }))
for (const one of processes) one.kill('SIGKILL')

function start(machine: string, program: string) {
  const [command, ...args] = [...network.command(machine), process.execPath, '-e', program] as unknown as [
    string,
    ...string[],
  ]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  createInterface(child.stdout).on('line', (line) => said.push(line))
  return child
}

/** What is said within a moment, or until the last word that is expected. */
async function ask(word: string, expected = `got ${word.toUpperCase()}`): Promise<readonly string[]> {
  const before = said.length
  asking.stdin.write(`${word}\n`)
  for (let left = 100; left > 0 && !said.includes(expected); left--) await moment()
  // Longer than an answer takes: what is lost must stay lost.
  for (let left = 20; left > 0; left--) await moment()
  return said.slice(before)
}

async function until(line: string): Promise<void> {
  while (!said.includes(line)) await moment()
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10))
}
