/** File system errors and their consequences for a job, in one table. */
import { CorruptedError, FatalError, RetriableError, type RxweftError, toRxweftError } from '../errors.ts'

const rights = new Set(['EACCES', 'EPERM', 'EROFS'])
/** Errors that may pass by themselves. */
const passing = new Set([
  ...['EAGAIN', 'EBUSY', 'EDQUOT', 'EHOSTDOWN', 'EINTR', 'EIO', 'EMFILE', 'ENETDOWN', 'ENETUNREACH', 'ENFILE'],
  ...['ENOMEM', 'ENOSPC', 'ENOTCONN', 'ESTALE', 'ETIMEDOUT', 'ETXTBSY'],
])
const tooMany = new Set(['EMFILE', 'ENFILE'])
const noLinks = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'])
const notWhatItShouldBe = new Set(['EISDIR', 'ENOTDIR'])

export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}

/** For a catch: null if the file does not exist; rethrows anything else. */
export function unlessMissing(thrown: unknown): null {
  if (codeOf(thrown) === 'ENOENT') return null
  throw thrown
}

/** Runs `part`; a rejection becomes an error with its consequence. */
export async function withFile<A>(file: string, part: () => Promise<A>): Promise<A> {
  try {
    return await part()
  } catch (thrown) {
    throw toRxweftError(thrown, (cause) => fileError(file, cause))
  }
}

export function fileError(file: string, cause: Error): RxweftError {
  const code = codeOf(cause) ?? cause.name
  if (code === 'ELOOP') return linkRefused(file)
  if (notWhatItShouldBe.has(code)) return notAFile(file)
  if (noLinks.has(code) || isLinkRefusal(cause)) return noLinksError(file, code, cause)
  if (rights.has(code))
    return rightsError(
      file,
      `the operating system denies access (${code})`,
      'Grant the user that runs the job the right to read and write it',
      cause,
    )
  if (tooMany.has(code)) return tooManyFiles(file, code, cause)
  const hint = 'Check the disk: it may be full, broken or disconnected'
  return new RetriableError('STORAGE_IO', `the file system answered ${code}`, { where: { file }, hint, cause })
}

/**
 * Like `withFile`, for making the folder of a storage: a lasting error is refused instead of
 * retried for ever.
 */
export async function withFolder<A>(folder: string, part: () => Promise<A>): Promise<A> {
  try {
    return await withFile(folder, part)
  } catch (thrown) {
    const { code, cause } = thrown as RxweftError
    const answer = codeOf(cause) ?? ''
    if (code !== 'STORAGE_IO' || passing.has(answer)) throw thrown
    throw new FatalError('STORAGE_FOLDER', `the storage folder cannot be created or written (${answer})`, {
      where: { file: folder },
      hint: 'Name a folder on a disk of this machine that the user of the job may write to',
      cause,
    })
  }
}

function tooManyFiles(file: string, code: string, cause: Error): RetriableError {
  return new RetriableError('TOO_MANY_FILES', `the process may not open another file (${code})`, {
    where: { file },
    hint: 'Raise the limit of open files: ulimit -n, LimitNOFILE of the service, or the limit of the container',
    cause,
  })
}

/** The Linux errors for link(2) on a file system without hard links, such as FAT. */
function isLinkRefusal(cause: Error): boolean {
  return codeOf(cause) === 'EPERM' && 'syscall' in cause && cause.syscall === 'link'
}

function noLinksError(file: string, code: string, cause: Error): FatalError {
  return new FatalError('STORAGE_NO_LINKS', `the file system has no hard links (${code})`, {
    where: { file },
    hint: 'Choose a storage folder on a local file system',
    cause,
  })
}

export function rightsError(file: string, what: string, hint: string, cause?: unknown): FatalError {
  return new FatalError('STORAGE_RIGHTS', what, { where: { file }, hint, cause })
}

export function linkRefused(file: string): FatalError {
  return new FatalError('STORAGE_LINK', 'the storage folder contains a symbolic link', {
    where: { file },
    hint: 'Replace the link with the files themselves. Only the storage folder as a whole may be a link',
  })
}

export function notAFile(file: string): CorruptedError {
  return new CorruptedError(
    'STORAGE_DAMAGED',
    'the storage has a file in place of a folder, or a folder in place of a file',
    {
      where: { file },
      hint: 'Another program has written into the storage folder: restore its former content',
    },
  )
}
