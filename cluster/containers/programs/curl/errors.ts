/** A transfer failed; `code` is curl's exit status. */
export class CurlError extends Error {
  override name = 'CurlError';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The command line is wrong: what curl prints after its name, and exit status 2. */
export class CurlUsageError extends Error {
  override name = 'CurlUsageError';
  readonly status: number;
  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}

/** What curl adds to a certificate that it does not trust. */
export const CERTIFICATE_ADVICE = `More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.
`;
