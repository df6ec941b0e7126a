/** Files of the nginx image, and the pages that nginx makes itself. */

export const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const REASONS: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently',
  302: '302 Found',
  303: '303 See Other',
  304: '304 Not Modified',
  307: '307 Temporary Redirect',
  308: '308 Permanent Redirect',
  400: '400 Bad Request',
  401: '401 Authorization Required',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Not Allowed',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

/** The page for a status; empty for one that nginx has none for. */
export function errorPage(status: number, version: string): string {
  const title = REASONS[status];
  if (title === undefined) return '';
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;
}

export const MAIN_CONFIGURATION = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    access_log  /var/log/nginx/access.log;

    sendfile        on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
}
`;

export const MIME_TYPES = `types {
    text/html                             html htm shtml;
    text/css                              css;
    text/plain                            txt;
    application/javascript                js;
    application/json                      json;
    image/png                             png;
    image/svg+xml                         svg svgz;
}
`;

export function defaultServer(port: number): string {
  return `server {
    listen       ${port};
    listen  [::]:${port};
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }
}
`;
}

/** Says what the image's own script says, which looks for scripts to run before nginx, and starts the command. */
export const ENTRYPOINT = `#!/bin/sh
set -e
if [ "$1" = nginx ] && [ -z "$NGINX_ENTRYPOINT_QUIET_LOGS" ]; then
  me=/docker-entrypoint.sh
  echo "$me: /docker-entrypoint.d/ is not empty, will attempt to perform configuration"
  echo "$me: Looking for shell scripts in /docker-entrypoint.d/"
  echo "$me: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh"
  if [ -w /etc/nginx/conf.d/default.conf ]; then
    echo "10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf"
    echo "10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf"
  elif [ -f /etc/nginx/conf.d/default.conf ]; then
    echo "10-listen-on-ipv6-by-default.sh: info: can not modify /etc/nginx/conf.d/default.conf (read-only file system?)"
  else
    echo "10-listen-on-ipv6-by-default.sh: info: /etc/nginx/conf.d/default.conf is not a file or does not exist"
  fi
  echo "$me: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh"
  echo "$me: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh"
  echo "$me: Launching /docker-entrypoint.d/30-tune-worker-processes.sh"
  echo "$me: Configuration complete; ready for start up"
fi
exec "$@"
`;
