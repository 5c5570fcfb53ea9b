/**
 * Calls of the file storage to the system, in their order, and its errors when the system fails.
 */
import { mkdir, readdir, symlink, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** Every call that has changed something, e.g. "sync file"; `faults` makes one fail with this code, `before` runs ahead of one, once. */
const system = vi.hoisted(() => ({
  calls: [] as string[],
  faults: new Map<string, string>(),
  /** Makes a call fail with this code after it has been carried out. */
  after: new Map<string, string>(),
  before: new Map<string, () => Promise<void>>(),
}))

vi.mock('node:fs/promises', async (importActual) => {
  const actual = await importActual<typeof import('node:fs/promises')>()
  const name = (path: unknown) => (basename(String(path)).startsWith('.put-') ? 'temporary' : basename(String(path)))
  async function called<A>(call: string, run: () => Promise<A>): Promise<A> {
    const code = system.faults.get(call)
    const [syscall] = call.split(' ')
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${call}`), { code, syscall })
    const before = system.before.get(call)
    system.before.delete(call)
    await before?.()
    const done = await run()
    system.calls.push(call)
    const late = system.after.get(call)
    if (late !== undefined) throw Object.assign(new Error(`${late}: ${call}`), { code: late, syscall })
    return done
  }
  return {
    ...actual,
    mkdir: (path: string, options: object) => called(`mkdir ${name(path)}`, () => actual.mkdir(path, options)),
    link: (from: string, to: string) => called(`link ${name(to)}`, () => actual.link(from, to)),
    unlink: (path: string) => called(`unlink ${name(path)}`, () => actual.unlink(path)),
    async open(path: string, flags: string, mode?: number) {
      const file = await actual.open(path, flags, mode)
      const { writeFile, sync, readFile } = file
      return Object.assign(file, {
        writeFile: (bytes: Uint8Array) => called(`write ${name(path)}`, () => writeFile.call(file, bytes)),
        sync: () => called(`sync ${name(path)}`, () => sync.call(file)),
        readFile: () => called(`read ${name(path)}`, () => readFile.call(file)),
      })
    },
  }
})

beforeEach(() => {
  system.calls.length = 0
  system.faults.clear()
  system.after.clear()
  system.before.clear()
})

const bytes = Buffer.from('bytes')

test('a put makes each folder durable, then the file, then its name', async () => {
  const top = await temporaryFolder()
  const storage = fileStorage(join(top, 'above', 'root'))
  await storage.put('job/chk-1', bytes)
  const calls = system.calls
  const order = [
    'mkdir above',
    `sync ${basename(top)}`,
    'mkdir root',
    'sync above',
    'mkdir job',
    'sync root',
    'write temporary',
    'sync temporary',
    'link chk-1',
    'unlink temporary',
    'sync job',
  ]
  expect(calls.filter((call, at) => calls.indexOf(call) === at)).toEqual(order)
  expect(calls.at(-1)).toBe('sync job')
})

test('folders that are known to be durable are not synced again', async () => {
  const storage = fileStorage(await temporaryFolder())
  await storage.put('job/chk-1', bytes)
  system.calls.length = 0
  await storage.put('job/chk-2', bytes)
  expect(system.calls).toEqual(['write temporary', 'sync temporary', 'link chk-2', 'unlink temporary', 'sync job'])
})

test('a folder that somebody else has just made is synced all the same', async () => {
  const folder = await temporaryFolder()
  await fileStorage(folder).put('job/chk-1', bytes)
  system.calls.length = 0
  await fileStorage(folder).put('job/chk-2', bytes)
  expect(system.calls).toContain(`sync ${basename(folder)}`)
})

test('a put does not remove what another put of this process is writing, however long that takes', async () => {
  const folder = await temporaryFolder()
  system.before.set('sync temporary', async () => {
    const [name = ''] = await readdir(folder)
    await utimes(join(folder, name), 1, 1)
    await fileStorage(folder).put('quick', bytes)
  })
  await fileStorage(folder).put('slow', bytes)
  expect((await readdir(folder)).sort()).toEqual(['quick', 'slow'])
})

describe('a put that the system lets down', () => {
  test.each([
    ['write temporary', 'ENOSPC'],
    ['sync temporary', 'EIO'],
    ['link chk-1', 'EDQUOT'],
  ])('at %s with %s is Retriable, names file and cause, and leaves nothing', async (call, code) => {
    const folder = await temporaryFolder()
    system.faults.set(call, code)
    const error = await rejectionOf(fileStorage(folder).put('chk-1', bytes))
    expect(error).toMatchObject({
      code: 'STORAGE_IO',
      consequence: 'retriable',
      where: { file: join(folder, 'chk-1') },
    })
    expect(error.message).toContain(code)
    expect(error.cause).toMatchObject({ code })
    expect(await readdir(folder)).toEqual([])
  })

  test('after the link, so that the name may not be durable, does not resolve either', async () => {
    const folder = await temporaryFolder()
    const storage = fileStorage(folder)
    await storage.put('chk-0', bytes)
    system.faults.set(`sync ${basename(folder)}`, 'EIO')
    expect((await rejectionOf(storage.put('chk-1', bytes))).code).toBe('STORAGE_IO')
  })

  test('after the link is made good by whoever finds the name taken: what is refused as written is durable', async () => {
    const folder = await temporaryFolder()
    const storage = fileStorage(folder)
    await storage.put('chk-0', bytes)
    system.faults.set(`sync ${basename(folder)}`, 'EIO')
    await rejectionOf(storage.put('chk-1', bytes))
    system.faults.clear()
    system.calls.length = 0
    expect((await rejectionOf(storage.put('chk-1', bytes))).code).toBe('KEY_EXISTS')
    expect(system.calls).toContain(`sync ${basename(folder)}`)
  })

  test('because it has no hard links is Fatal, and says so', async () => {
    for (const code of ['EPERM', 'ENOTSUP']) {
      system.faults.set('link chk-1', code)
      const error = await rejectionOf(fileStorage(await temporaryFolder()).put('chk-1', bytes))
      expect(error).toMatchObject({ code: 'STORAGE_NO_LINKS', consequence: 'fatal' })
    }
  })

  test('because it refuses access is Fatal', async () => {
    system.faults.set('mkdir job', 'EACCES')
    const error = await rejectionOf(fileStorage(await temporaryFolder()).put('job/chk-1', bytes))
    expect(error).toMatchObject({ code: 'STORAGE_RIGHTS', consequence: 'fatal' })
  })

  test('only in removing its temporary file has happened', async () => {
    const folder = await temporaryFolder()
    system.faults.set('unlink temporary', 'EIO')
    await fileStorage(folder).put('chk-1', bytes)
    expect(await fileStorage(folder).list('')).toEqual(['chk-1'])
  })
})

describe('a link that the system carries out and then calls taken, as NFS does', () => {
  test('is a success, since the file that has the name is its own', async () => {
    const storage = fileStorage(await temporaryFolder())
    const large = Buffer.alloc(2_500_000, 'some bytes')
    system.after.set('link chk-1', 'EEXIST')
    await storage.put('chk-1', large)
    expect(Buffer.from((await storage.get('chk-1')) ?? []).equals(large)).toBe(true)
    expect(system.calls).toContain('sync temporary')
    expect(system.calls.filter((call) => call === 'unlink temporary')).toHaveLength(1)
  })

  test.each([
    ['other bytes', Buffer.from('BYTES')],
    ['the same bytes, and is that of somebody else', bytes],
    ['none', Buffer.alloc(0)],
  ])('is a refusal where the file has %s', async (_, other) => {
    const storage = fileStorage(await temporaryFolder())
    await storage.put('chk-1', other)
    expect(await rejectionOf(storage.put('chk-1', bytes))).toMatchObject({ code: 'KEY_EXISTS' })
  })

  test('is a refusal where a link or a folder has the name', async () => {
    const folder = await temporaryFolder()
    const storage = fileStorage(folder)
    await storage.put('other', bytes)
    await symlink(join(folder, 'other'), join(folder, 'chk-1'))
    expect(await rejectionOf(storage.put('chk-1', bytes))).toMatchObject({ code: 'KEY_EXISTS' })
    await mkdir(join(folder, 'chk-2'))
    expect(await rejectionOf(storage.put('chk-2', bytes))).toMatchObject({ code: 'KEY_EXISTS' })
  })
})

test('too many open files are named, with what to do', async () => {
  system.faults.set('write temporary', 'EMFILE')
  const error = await rejectionOf(fileStorage(await temporaryFolder()).put('chk-1', bytes))
  expect(error).toMatchObject({
    code: 'TOO_MANY_FILES',
    consequence: 'retriable',
    hint: expect.stringContaining('ulimit'),
  })
})

test.each([
  ['EROFS', 'STORAGE_RIGHTS'],
  ['ENAMETOOLONG', 'STORAGE_FOLDER'],
  ['ENODEV', 'STORAGE_FOLDER'],
])('a folder that cannot be made with %s is refused at the start: %s', async (code, named) => {
  system.faults.set('mkdir new', code)
  const storage = fileStorage(join(await temporaryFolder(), 'new'))
  const refusal = await rejectionOf(Promise.resolve(storage.ready?.()))
  expect(refusal).toMatchObject({ code: named, consequence: 'fatal', where: { file: expect.stringContaining('new') } })
})

test('a get that cannot be read is Retriable', async () => {
  const storage = fileStorage(await temporaryFolder())
  await storage.put('chk-1', bytes)
  system.faults.set('read chk-1', 'EIO')
  expect(await rejectionOf(storage.get('chk-1'))).toMatchObject({ code: 'STORAGE_IO', consequence: 'retriable' })
})

test('a remove that the system refuses is told', async () => {
  const storage = fileStorage(await temporaryFolder())
  await storage.put('chk-1', bytes)
  system.faults.set('unlink chk-1', 'EROFS')
  expect(await rejectionOf(storage.remove('chk-1'))).toMatchObject({ code: 'STORAGE_RIGHTS' })
})

test('a storage whose folder cannot be made is not ready', async () => {
  system.faults.set('mkdir new', 'ENOSPC')
  const storage = fileStorage(join(await temporaryFolder(), 'new'))
  const refusal = await rejectionOf(Promise.resolve(storage.ready?.()))
  expect(refusal).toMatchObject({ code: 'STORAGE_IO', consequence: 'retriable' })
})
