package io.lighter.conversion.startset.shell;

/** Scripts in the manner of those that well-known images begin with. */
final class EntryPoints {

  /** Runs what is in a directory, then becomes the program. */
  static final String NGINX =
      """
      #!/bin/sh
      # vim:sw=4:ts=4:et
      set -e

      say() {
          if [ -z "${QUIET_LOGS:-}" ]; then
              echo "$@"
          fi
      }

      if [ "$1" = "nginx" ] || [ "$1" = "nginx-debug" ]; then
          if /usr/bin/find "/docker-entrypoint.d/" -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null | read v; then
              say "$0: looking for scripts"
              find "/docker-entrypoint.d/" -follow -type f -print | sort -V | while read -r f; do
                  case "$f" in
                      *.envsh)
                          if [ -x "$f" ]; then
                              say "$0: sourcing $f";
                              . "$f"
                          else
                              say "$0: ignoring $f, not executable";
                          fi
                          ;;
                      *.sh)
                          if [ -x "$f" ]; then
                              say "$0: launching $f";
                              "$f"
                          fi
                          ;;
                      *) say "$0: ignoring $f";;
                  esac
              done
          else
              say "$0: nothing to do"
          fi
      fi

      exec "$@"
      """;

  /** Makes a database the first time, then becomes the server as its user. */
  static final String DATABASE =
      """
      #!/usr/bin/env bash
      set -Eeo pipefail
      shopt -s nullglob

      note() { printf '%s [%s]: %s\\n' "$(date --rfc-3339=seconds)" "Note" "$*"; }
      fail() { note "$@" >&2; exit 1; }

      # usage: file_env NAME [default]
      file_env() {
          local var="$1"
          local fileVar="${var}_FILE"
          local def="${2:-}"
          if [ "${!var:-}" ] && [ "${!fileVar:-}" ]; then
              fail "both $var and $fileVar are set"
          fi
          local val="$def"
          if [ "${!var:-}" ]; then
              val="${!var}"
          elif [ "${!fileVar:-}" ]; then
              val="$(< "${!fileVar}")"
          fi
          export "$var"="$val"
          unset "$fileVar"
      }

      is_sourced() {
          [ "${#FUNCNAME[@]}" -ge 2 ] \\
              && [ "${FUNCNAME[0]}" = 'is_sourced' ] \\
              && [ "${FUNCNAME[1]}" = 'source' ]
      }

      setup_env() {
          file_env 'DB_PASSWORD'
          file_env 'DB_USER' 'dba'
          declare -g DATABASE_ALREADY_EXISTS
          : "${DATABASE_ALREADY_EXISTS:=}"
          if [ -s "$DBDATA/VERSION" ]; then
              DATABASE_ALREADY_EXISTS='true'
          fi
      }

      verify_environment() {
          if [ -z "$DB_PASSWORD" ] && [ 'trust' != "$DB_AUTH" ]; then
              cat >&2 <<-'EOE'
      	Error: the password is not set.
      	EOE
              exit 1
          fi
      }

      process_files() {
          local f
          for f; do
              case "$f" in
                  *.sh)
                      if [ -x "$f" ]; then "$f"; else . "$f"; fi
                      ;;
                  *.sql)    dbsql -f "$f"; echo ;;
                  *.sql.gz) gunzip -c "$f" | dbsql; echo ;;
                  *)        note "ignoring $f" ;;
              esac
          done
      }

      _main() {
          # if first arg looks like a flag, assume we want to run the server
          if [ "${1:0:1}" = '-' ]; then
              set -- dbserver "$@"
          fi

          if [ "$1" = 'dbserver' ] && ! [[ " $* " == *" --help "* ]]; then
              setup_env
              mkdir -p "$DBDATA" "$DBRUN"
              if [ "$(id -u)" = '0' ]; then
                  find "$DBDATA" \\! -user db -exec chown db '{}' +
                  exec gosu db "$BASH_SOURCE" "$@"
              fi
              if [ -z "$DATABASE_ALREADY_EXISTS" ]; then
                  verify_environment
                  eval 'dbinit --user="$DB_USER" --pwfile=<(printf "%s\\n" "$DB_PASSWORD") '"$DB_INITARGS"' "$@"'
                  "$@" --temporary &
                  for i in {30..0}; do
                      if dbsql -c 'select 1' &> /dev/null; then
                          break
                      fi
                      sleep 1
                  done
                  process_files /docker-entrypoint-initdb.d/*
                  note 'complete'
              fi
          fi
          exec "$@"
      }

      if ! is_sourced; then
          _main "$@"
      fi
      """;

  /** Finds its home and the virtual machine, puts options together, becomes the program. */
  static final String JAVA =
      """
      #!/bin/sh
      os400=false
      case "`uname`" in
      CYGWIN*) cygwin=true;;
      OS400*) os400=true;;
      esac

      # resolve links - $0 may be a softlink
      PRG="$0"
      while [ -h "$PRG" ]; do
        ls=`ls -ld "$PRG"`
        link=`expr "$ls" : '.*-> \\(.*\\)$'`
        if expr "$link" : '/.*' > /dev/null; then
          PRG="$link"
        else
          PRG=`dirname "$PRG"`/"$link"
        fi
      done
      PRGDIR=`dirname "$PRG"`
      [ -z "$APP_HOME" ] && APP_HOME=`cd "$PRGDIR/.." >/dev/null; pwd`

      CLASSPATH=
      if [ -r "$APP_HOME/bin/setenv.sh" ]; then
        . "$APP_HOME/bin/setenv.sh"
      elif [ -r /etc/setenv.sh ]; then
        . /etc/setenv.sh
      fi
      if [ -z "$JAVA_HOME" ]; then
        echo "JAVA_HOME is not defined" >&2
        exit 1
      fi
      _RUNJAVA="$JAVA_HOME"/bin/java
      if [ ! -z "$CLASSPATH" ] ; then
        CLASSPATH="$CLASSPATH":
      fi
      CLASSPATH="$CLASSPATH""$APP_HOME"/bin/bootstrap.jar
      if [ -z "$LOGGING_MANAGER" ]; then
        LOGGING_MANAGER="-Djava.util.logging.manager=org.example.LogManager"
      fi
      have_tty=0
      if [ -t 0 ]; then
          have_tty=1
      fi
      if [ "$1" = "run" ]; then
        shift
        eval exec "\\"$_RUNJAVA\\"" "\\"$LOGGING_MANAGER\\"" "$JAVA_OPTS" \\
          -classpath "\\"$CLASSPATH\\"" \\
          -Dapp.home="\\"$APP_HOME\\"" \\
          org.example.Bootstrap "$@" start
      elif [ "$1" = "start" ] ; then
        touch "$APP_HOME"/logs/out
        eval "\\"$_RUNJAVA\\"" start "&"
      else
        echo "Usage: run | start"
        exit 1
      fi
      """;

  private EntryPoints() {}
}
