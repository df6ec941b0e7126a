import type { TransferInfo } from './transfer.ts';

/** `-w`: the text, and the variables in it that curl does not know. */
export function formatWriteOut(
  format: string,
  info: TransferInfo,
): { stdout: string; stderr: string; unknown: string[] } {
  const streams = { stdout: '', stderr: '' };
  const unknown: string[] = [];
  let stream: 'stdout' | 'stderr' = 'stdout';
  const pattern = /%header\{([^}]*)\}|%\{([^}]*)\}|%%|\\(.)|[^%\\]+|[%\\]/gs;
  for (const [whole, header, variable, escape] of format.matchAll(pattern)) {
    if (header !== undefined) streams[stream] += info.header(header) ?? '';
    else if (variable === 'stdout' || variable === 'stderr') stream = variable;
    else if (variable === 'onerror') {
      if (info.exitCode === 0) break;
    } else if (variable !== undefined) {
      const value = variableValue(variable, info);
      if (value === undefined) unknown.push(variable);
      else streams[stream] += value;
    } else if (escape !== undefined) {
      const known: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
      streams[stream] += known[escape] ?? whole;
    } else streams[stream] += whole === '%%' ? '%' : whole;
  }
  return { ...streams, unknown };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6);
}

function variableValue(name: string, info: TransferInfo): string | undefined {
  switch (name) {
    case 'http_code':
    case 'response_code':
      return String(info.status).padStart(3, '0');
    case 'http_connect':
      return '000';
    case 'http_version':
      return info.httpVersion;
    case 'content_type':
      return info.header('content-type') ?? '';
    case 'errormsg':
      return info.errorMessage;
    case 'exitcode':
      return String(info.exitCode);
    case 'filename_effective':
      return info.fileName;
    case 'local_ip':
      return info.localIp;
    case 'local_port':
      return String(info.localPort);
    case 'remote_ip':
      return info.remoteIp;
    case 'remote_port':
      return String(info.remotePort);
    case 'method':
      return info.method;
    case 'num_connects':
      return String(info.connects);
    case 'num_headers':
      return String(info.headerCount);
    case 'num_redirects':
      return String(info.redirects);
    case 'proxy_ssl_verify_result':
      return '0';
    case 'redirect_url':
      return info.redirectUrl;
    case 'referer':
      return info.referer;
    case 'scheme':
      return info.status === 0 && info.remoteIp === '' ? '' : info.scheme.toUpperCase();
    case 'size_download':
      return String(info.sizeDownload);
    case 'size_header':
      return String(info.sizeHeader);
    case 'size_request':
      return String(info.sizeRequest);
    case 'size_upload':
      return String(info.sizeUpload);
    case 'speed_download':
      return String(Math.floor((info.sizeDownload * 1000) / Math.max(1, info.times.total)));
    case 'speed_upload':
      return String(Math.floor((info.sizeUpload * 1000) / Math.max(1, info.times.total)));
    case 'ssl_verify_result':
      return String(info.verifyResult);
    case 'time_appconnect':
      return seconds(info.times.tls);
    case 'time_connect':
      return seconds(info.times.connect);
    case 'time_namelookup':
      return seconds(info.times.lookup);
    case 'time_pretransfer':
      return seconds(info.times.pretransfer);
    case 'time_redirect':
      return seconds(info.times.redirect);
    case 'time_starttransfer':
      return seconds(info.times.firstByte);
    case 'time_total':
      return seconds(info.times.total);
    case 'url':
      return info.givenUrl;
    case 'url_effective':
      return info.url;
    case 'urlnum':
      return String(info.index);
    case 'json':
      return JSON.stringify(summary(info));
    case 'header_json':
      return `${JSON.stringify(info.headerMap(), null, 2)}\n`;
    default:
      return undefined;
  }
}

function summary(info: TransferInfo): Record<string, unknown> {
  return {
    content_type: info.header('content-type') ?? null,
    errormsg: info.errorMessage === '' ? null : info.errorMessage,
    exitcode: info.exitCode,
    filename_effective: info.fileName === '' ? null : info.fileName,
    http_code: info.status,
    http_version: info.httpVersion,
    local_ip: info.localIp,
    local_port: info.localPort,
    method: info.method,
    num_connects: info.connects,
    num_headers: info.headerCount,
    num_redirects: info.redirects,
    remote_ip: info.remoteIp,
    remote_port: info.remotePort,
    response_code: info.status,
    scheme: info.scheme.toUpperCase(),
    size_download: info.sizeDownload,
    size_header: info.sizeHeader,
    size_request: info.sizeRequest,
    size_upload: info.sizeUpload,
    time_total: info.times.total / 1000,
    url: info.givenUrl,
    url_effective: info.url,
    urlnum: info.index,
    curl_version: 'libcurl/7.88.1 OpenSSL/3.0.19',
  };
}
