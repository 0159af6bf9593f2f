// A schema of a server's own on PostgreSQL, when the tests are to run on it.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'

const run = promisify(execFile)

export class Schema {
  /** Nothing, unless PARLOR_TEST_DATABASE says postgres: then the data is in the server's folder. */
  static async fresh() {
    if (process.env.PARLOR_TEST_DATABASE !== 'postgres') return undefined
    const schema = new Schema()
    schema.server = process.env.PARLOR_TEST_POSTGRES_URL
    if (!schema.server) throw new Error('set PARLOR_TEST_POSTGRES_URL, or run this with scripts/with-postgres')
    schema.name = `test_${randomUUID().replaceAll('-', '')}`
    await schema.psql(`CREATE SCHEMA ${schema.name}`)
    return schema
  }

  settings() {
    const sign = this.server.includes('?') ? '&' : '?'
    return { PARLOR_DATABASE_URL: `${this.server}${sign}options=-c%20search_path%3D${this.name}` }
  }

  async drop() {
    await this.psql(`DROP SCHEMA ${this.name} CASCADE`)
  }

  psql(sql) {
    return run('psql', ['--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--dbname', this.server, '--command', sql])
  }
}
