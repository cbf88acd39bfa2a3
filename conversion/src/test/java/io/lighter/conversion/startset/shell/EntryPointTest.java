package io.lighter.conversion.startset.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whole entry points, in the manner of well-known images. */
class EntryPointTest {

  private final ShellImage image = new ShellImage().programs("env", "id", "find", "sort", "mkdir");

  @Test
  void entryPoint_ofAWebServer_runsItsDirectoryThenTheServer() {
    image
        .program("nginx")
        .script("/docker-entrypoint.sh", EntryPoints.NGINX)
        .script("/docker-entrypoint.d/10-listen.sh", "#!/bin/sh\nset -e\ntouch /etc/x\nexit 0\n")
        .script("/docker-entrypoint.d/15-local.envsh", "#!/bin/sh\nexport RESOLVERS=none\n")
        .script("/docker-entrypoint.d/20-envsubst.sh", "#!/bin/sh\nfind /etc/nginx\n")
        .programs("touch")
        .link("/usr/bin/find", "../../bin/find");

    assertThat(image.executed("/docker-entrypoint.sh", "nginx", "-g", "daemon off;"))
        .containsSubsequence("touch /etc/x", "find /etc/nginx", "nginx -g daemon off;");
    assertThat(image.certainty("/docker-entrypoint.d/15-local.envsh")).isEqualTo("CERTAIN");
    assertThat(image.certainty("/bin/nginx")).isEqualTo("CERTAIN");
  }

  @Test
  void entryPoint_ofADatabase_beginsAgainAsItsUserAndMakesTheDatabase() {
    image
        .link("/usr/bin/env", "../../bin/env")
        .programs("dbserver", "dbinit", "dbsql", "gosu", "date", "sleep", "chown")
        .environment("DBDATA", "/var/lib/db")
        .environment("DBRUN", "/run/db")
        .directory("/var/lib/db")
        .file("/docker-entrypoint-initdb.d/1.sh", "date from-init\n")
        .file("/docker-entrypoint-initdb.d/2.sql", "select 1")
        .script("/usr/bin/docker-entrypoint.sh", EntryPoints.DATABASE);

    assertThat(image.executed("docker-entrypoint.sh", "dbserver", "-p", "1"))
        .containsSubsequence(
            "dbinit --user=dba dbserver -p 1",
            "dbserver -p 1 --temporary",
            "date from-init",
            "dbsql -f /docker-entrypoint-initdb.d/2.sql",
            "dbserver -p 1");
    assertThat(image.paths()).contains("/bin/gosu", "/docker-entrypoint-initdb.d/1.sh");
    assertThat(image.executed("docker-entrypoint.sh", "-x")).last().isEqualTo("dbserver -x");
    assertThat(image.executed("docker-entrypoint.sh", "bash", "-c", "date hello"))
        .containsExactly("date hello");
  }

  @Test
  void entryPoint_ofAJavaServer_executesTheVirtualMachineWithItsOptions() {
    image
        .programs("uname", "dirname", "expr", "ls")
        .script("/opt/java/bin/java", "\u007fELF")
        .script("/opt/app/bin/catalina.sh", EntryPoints.JAVA)
        .file("/opt/app/bin/setenv.sh", "JAVA_OPTS=\"-Xmx64m -Da=b\"\n")
        .environment("JAVA_HOME", "/opt/java")
        .environment("PATH", "/opt/app/bin:/bin");

    assertThat(image.executed("catalina.sh", "run"))
        .last()
        .isEqualTo(
            "java -Djava.util.logging.manager=org.example.LogManager -Xmx64m -Da=b -classpath"
                + " /opt/app/bin/bootstrap.jar -Dapp.home=/opt/app org.example.Bootstrap start");
    assertThat(image.paths()).contains("/opt/app/bin/setenv.sh");
  }

  @Test
  void entryPoint_withOptionsFromTheEnvironment_executesTheServerWithThem() {
    image
        .program("grafana")
        .script(
            "/run.sh",
            """
            #!/bin/bash -e
            PERMISSIONS_OK=0
            if [ ! -r "$PATHS_CONFIG" ]; then
                echo "PATHS_CONFIG='$PATHS_CONFIG' is not readable."
                PERMISSIONS_OK=1
            fi
            for VAR_NAME in $(env | grep '^GF_[^=]\\+__FILE=.\\+' | sed -r "s/([^=]*)__FILE=.*/\\1/g"); do
                VAR_NAME_FILE="$VAR_NAME"__FILE
                export "$VAR_NAME"="$(< "${!VAR_NAME_FILE}")"
                unset "$VAR_NAME_FILE"
            done
            export HOME="$PATHS_HOME"
            if [ -n "${INSTALL_PLUGINS}" ]; then
              IFS=$' '
              for plugin in ${INSTALL_PLUGINS//,/$IFS}; do
                grafana cli plugins install "${plugin}"
              done
            fi
            exec grafana server          \\
              --homepath="$PATHS_HOME"   \\
              --config="$PATHS_CONFIG"   \\
              "$@"                       \\
              cfg:default.log.mode="console"
            """)
        .environment("PATHS_HOME", "/usr/share/grafana")
        .environment("PATHS_CONFIG", "/etc/grafana.ini")
        .environment("INSTALL_PLUGINS", "one,two")
        .file("/etc/grafana.ini", "");

    assertThat(image.executed("/run.sh", "-v"))
        .containsSubsequence(
            "grafana cli plugins install one",
            "grafana cli plugins install two",
            "grafana server --homepath=/usr/share/grafana --config=/etc/grafana.ini -v"
                + " cfg:default.log.mode=console");
  }
}
