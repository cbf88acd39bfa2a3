# Sourced by what starts Java itself.
# shellcheck shell=bash

jdk_25() { # the folder of a JDK 25, which alone runs the project's classes and the formatter
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java* /opt/jdk* "$HOME"/.sdkman/candidates/java/*; do
    if [[ -x $home/bin/javac ]] && grep -qs '^JAVA_VERSION="25[".]' "$home/release"; then
      echo "$home"
      return
    fi
  done
  return 1
}
