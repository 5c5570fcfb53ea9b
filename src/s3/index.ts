/** rxweft/s3: snapshots in a bucket of S3. */
export { type S3StorageOptions, s3Storage } from './s3Storage.ts'
