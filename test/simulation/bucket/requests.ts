/** Requests of the client for S3, by name and with what the storage says in them. */
export interface SentRequest {
  readonly kind:
    | 'PutObject'
    | 'HeadObject'
    | 'GetObject'
    | 'DeleteObject'
    | 'ListObjectsV2'
    | 'CreateMultipartUpload'
    | 'UploadPart'
    | 'CompleteMultipartUpload'
    | 'AbortMultipartUpload'
  readonly input: {
    readonly Key?: string
    readonly Body?: Uint8Array
    readonly Metadata?: Readonly<Record<string, string>>
    readonly IfNoneMatch?: string
    readonly Prefix?: string
    readonly MaxKeys?: number
    readonly ContinuationToken?: string
    readonly UploadId?: string
    readonly PartNumber?: number
    readonly MultipartUpload?: { readonly Parts?: readonly { readonly PartNumber?: number }[] }
  }
}

export function requestOf(command: object): SentRequest {
  const kind = command.constructor.name.replace(/Command$/, '') as SentRequest['kind']
  return { kind, input: (command as Pick<SentRequest, 'input'>).input }
}

/** Requests that 409 answers while another one for their key is under way. */
export function isConditional({ kind }: SentRequest): boolean {
  return kind === 'PutObject' || kind === 'CompleteMultipartUpload'
}
