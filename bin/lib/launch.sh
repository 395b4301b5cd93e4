# shellcheck shell=bash disable=SC2154 # launch_training comes from the caller
# What bin/sheep, bin/collie and bin/dog share: build when needed, choose the JVM, prepare its start.
# Sourced by them; needs bash 4.4 or newer. A start that has nothing to prepare runs two small programs
# (readlink, find) before the JVM.
#
# In a source tree a program is what Maven made of it, in PROGRAM/target/app. Installed it is the directory
# PROGRAM beside bin/, and there is nothing to build.
#
# The caller sets launch_training (arguments of a short run whose classes are recorded), maybe launch_training_main
# (another main class for it), and uses launch_name (how it was called), java_home, and launch_args (see make_ready).

launch_name=${0##*/}
launch_training_main=
launch_root=${BASH_SOURCE[0]%/*}/../..
launch_root=$(cd "$launch_root" && pwd -P) || exit 1
# What an installation prepares for all users, when root is the first to call it.
launch_cache=/var/cache/sheepdog

say() { printf '%s: %s\n' "$launch_name" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Sets java_home and java_version (for instance 17.0.15) and java_major.
find_java() {
  local java line
  if [[ -n ${JAVA_HOME:-} ]]; then
    java=$JAVA_HOME/bin/java
    [[ -x $java ]] || fail "JAVA_HOME is $JAVA_HOME, but $java cannot be run; set it to a JDK 17 or newer, or unset it"
  else
    java=$(type -P java) || fail "no java on the PATH; install a JDK 17 or newer (Debian: openjdk-17-jdk-headless), or set JAVA_HOME"
  fi
  java=$(readlink -f "$java")
  java_home=${java%/bin/java}
  java_version=
  if [[ -r $java_home/release ]]; then
    while IFS= read -r line; do
      if [[ $line == JAVA_VERSION=* ]]; then
        java_version=${line#JAVA_VERSION=}
        java_version=${java_version//\"/}
        break
      fi
    done <"$java_home/release"
  fi
  if [[ -z $java_version ]]; then
    line=$("$java" -version 2>&1) || fail "$java -version failed: $line"
    [[ $line =~ \"([0-9][0-9._]*) ]] && java_version=${BASH_REMATCH[1]}
  fi
  java_major=${java_version%%[!0-9]*}
  [[ -n $java_major ]] || fail "cannot tell the version of $java"
  ((java_major >= 17)) || fail "$java is version $java_version, but 17 or newer is needed; set JAVA_HOME"
}

is_tree() { [[ -e $launch_root/pom.xml ]]; }

# Sets launch_app, the directory of program $1 (daemon, cli): its jars in lib/, classes.lst, stamp.
find_app() {
  launch_app=$launch_root/$1
  ! is_tree || launch_app+=/target/app
}

# True when program $1 is there and no source is newer.
is_built() {
  [[ -e $launch_app/stamp ]] || return 1
  is_tree || return 0
  local source sources=("$launch_root/pom.xml")
  for source in protocol client core native-bindings corosync-conf "$1"; do
    sources+=("$launch_root/$source/pom.xml" "$launch_root/$source/src/main")
  done
  # Directories count too: their time changes when a file is removed.
  [[ -z $(find "${sources[@]}" -newer "$launch_app/stamp" -print -quit 2>&1) ]]
}

# Builds both programs with Maven: from what is there if possible, else with the network.
build() {
  local maven log
  is_tree || fail "$launch_app/stamp is missing: the installation is not complete; install the package again"
  maven=$(type -P mvn) || fail "not built yet, and Maven is not there; install it (Debian: apt-get install maven) and try again"
  say "building (once after each change of the sources) ..."
  log=$(mktemp) || exit 1
  local arguments=(-q -B -f "$launch_root/pom.xml" -pl "daemon,cli" -am -Dmaven.test.skip=true package)
  if ! "$maven" -o "${arguments[@]}" >"$log" 2>&1 </dev/null; then
    if ! grep -qE 'offline mode|has not been downloaded' "$log" ||
      { say "fetching libraries ..." && ! "$maven" "${arguments[@]}" >"$log" 2>&1 </dev/null; }; then
      cat "$log" >&2
      rm -f "$log"
      fail "the build failed; see above"
    fi
  fi
  rm -f "$log"
}

# Runs "$@" while no other launcher of this tree builds or prepares.
locked() {
  local lock status=0
  exec {lock}<"$launch_root/bin/lib/launch.sh"
  flock "$lock"
  "$@" {lock}<&- || status=$?
  exec {lock}<&-
  return "$status"
}

build_if_needed() { is_built "$1" || build; }

# Writes for this JVM two argument files: $launch_args.jvm, the options of the program $2 ($4...), and
# $launch_args, the class path and the main class $3. The second one's path ends in "/$2", so a process
# list shows what the operator typed, "... @/.../sheep /store_dir", and options between the two win over
# those of the first.
prepare() {
  local main=$3
  has_arguments && return 0
  shift 3
  local path options archive=$launch_args.jsa work
  path=("$launch_app"/lib/*.jar)
  printf -v path '%s:' "${path[@]}"
  path=${path%:}
  options=(-Dfile.encoding=UTF-8 "$@")
  ((java_major >= 24)) && options+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)

  work=$(mktemp -d "${launch_args%/*}/.prepare.XXXXXX") || exit 1
  # The classes to share: what a short run loads (it records lambdas too), the JDK's usual ones, all ours.
  timeout 30 "$java_home/bin/java" "${options[@]}" -Xshare:off -Xlog:disable \
    -XX:DumpLoadedClassList="$work/run.lst" -cp "$path" \
    "${launch_training_main:-$main}" "${launch_training[@]}" \
    >/dev/null 2>&1 </dev/null
  cat "$work/run.lst" "$java_home/lib/classlist" "$launch_app/classes.lst" >"$work/all.lst" 2>/dev/null
  if timeout 120 "$java_home/bin/java" "${options[@]}" -Xshare:dump -XX:SharedClassListFile="$work/all.lst" \
    -XX:SharedArchiveFile="$work/new.jsa" -cp "$path" >/dev/null 2>&1 </dev/null; then
    mv -f "$work/new.jsa" "$archive"
    options+=(-XX:SharedArchiveFile="$archive")
  fi
  # Without an archive (a JVM that cannot make one) the program runs too, only slower to start.
  options+=(-Xshare:auto -Xlog:disable -Xlog:all=error:stderr)
  argument_file "${options[@]}" >"$work/options" || exit 1
  argument_file -cp "$path" "$main" >"$work/main" || exit 1
  mv -f "$work/options" "$launch_args.jvm"
  mv -f "$work/main" "$launch_args"
  rm -rf "$work"
}

argument_file() {
  local argument
  printf '%s\n' "$launch_mark"
  for argument; do
    argument=${argument//\\/\\\\}
    printf '"%s"\n' "${argument//\"/\\\"}"
  done
}

# True when the argument file is there, was made of this very build at this place, and is not older than its maker.
has_arguments() {
  local first
  [[ -r $launch_args ]] || return 1
  ! is_tree || [[ ! $launch_args -ot ${BASH_SOURCE[0]} ]] || return 1
  IFS= read -r first <"$launch_args" && [[ $first == "$launch_mark" ]]
}

# Makes program $1 (called $2, main class $3, JVM options $4...) ready to start: "$java_home/bin/java"
# "@$launch_args.jvm", the operator's JVM options, "@$launch_args", the program's arguments.
make_ready() {
  find_java
  find_app "$1"
  is_built "$1" || locked build_if_needed "$1" || exit 1
  # the stamp holds the time of the build: that of the files says nothing where a package was unpacked
  local built home=$launch_app/run jvm=$java_version${java_home//\//_}
  IFS= read -r built <"$launch_app/stamp" || fail "$launch_app/stamp cannot be read"
  launch_mark="# $launch_root $built"
  is_tree || home=$launch_cache/$1
  launch_args=$home/$jvm/$2
  if ! has_arguments; then
    # others shall be able to read what root prepares
    local mask
    mask=$(umask)
    umask 022
    if ! mkdir -p "$home/$jvm" 2>/dev/null || [[ ! -w $home/$jvm ]]; then
      # Somebody else's: keep what is ours at home.
      launch_args=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sheepdog${launch_root}/$1/$jvm/$2
      mkdir -p "${launch_args%/*}" || exit 1
    fi
    has_arguments || locked prepare "$@" || exit 1
    umask "$mask"
  fi
  # File names and VDI names are UTF-8; a JVM in the C locale would turn them into question marks.
  local locale=${LC_ALL:-${LC_CTYPE:-${LANG:-}}}
  if [[ ${locale,,} != *utf-8 && ${locale,,} != *utf8 ]]; then
    locale=C.UTF-8
  fi
  # The JDK has the operating system's words for what went wrong in the language of the host; ours are English, and
  # some are compared.
  unset LC_ALL LANGUAGE
  export LC_CTYPE=$locale LC_MESSAGES=C
}
