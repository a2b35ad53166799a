#!/bin/sh
# 整改台账：安装、升级、卸载。不需要网络、编译器；试用不需要 root。说明见同目录的“安装说明.md”。
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
NEW=$(cat "$HERE/program/VERSION")
MODE=install YES= START=1 DIR= DATA= SITE= PORT= DATABASE= PYTHON= TRIAL=
HOW="用法：./install.sh [--upgrade | --uninstall] [--dir 安装目录] [--data 数据目录] [--site 网址] [--port 端口]
                    [--database PostgreSQL地址] [--python 解释器] [--trial root 也只装在一个目录里] [--yes 全部用缺省值] [--no-start 不启动]"

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --upgrade) MODE=upgrade ;;
      --uninstall) MODE=uninstall ;;
      --yes) YES=1 ;;
      --no-start) START= ;;
      --trial) TRIAL=1 ;;
      --dir|--data|--site|--port|--database|--python)
        [ $# -ge 2 ] || die "$1 后面缺少值。$HOW"
        case $1 in
          --dir) DIR=$2 ;; --data) DATA=$2 ;; --site) SITE=$2 ;; --port) PORT=$2 ;;
          --database) DATABASE=$2 ;; --python) PYTHON=$2 ;;
        esac
        shift ;;
      *) die "$HOW" ;;
    esac
    shift
  done
}

# ---- 问 ----------------------------------------------------------------------------------------------

is_root() { [ -z "$TRIAL" ] && [ "$(id -u)" = 0 ]; }

ask() { # 变量名 问题 缺省值
  eval "given=\$$1"
  if [ -z "$given" ]; then
    given=$3
    if [ -z "$YES" ]; then
      printf '%s [%s]：' "$2" "$3"
      read -r typed || die "输入中断，没有安装。"
      [ -z "$typed" ] || given=$typed
    fi
  fi
  case $given in *"'"*|*'
'*) die "“$given”里不能有引号和换行。没有安装。" ;; esac
  eval "$1=\$given"
}

questions() {
  if is_root; then ask DIR "1/5 安装目录" /opt/rectify; ask DATA "2/5 数据目录（数据库、佐证材料）" /var/lib/rectify
  else ask DIR "1/5 安装目录" "$HOME/rectify"; ask DATA "2/5 数据目录（数据库、佐证材料）" "$DIR/data"; fi
  ask PORT "3/5 端口" 8000
  ask SITE "4/5 网址（别的电脑要用的，写本机地址，如 http://192.168.1.10:$PORT）" "http://127.0.0.1:$PORT"
  ask DATABASE "5/5 PostgreSQL 地址（直接回车：用 SQLite）" ""
  case $DIR$DATA in *' '*) die "目录名里不能有空格。没有安装。" ;; esac
  case $DIR in /*) ;; *) DIR=$(pwd)/$DIR ;; esac
  case $DATA in /*) ;; *) DATA=$(pwd)/$DATA ;; esac
  case $PORT in ''|*[!0-9]*) die "端口“$PORT”不是数字。没有安装。" ;; esac
  case $SITE in
    https://*|http://127.0.0.1*|http://localhost*) LISTEN=127.0.0.1 ;;
    http://*) LISTEN=0.0.0.0 ;;
    *) die "网址“$SITE”应以 http:// 或 https:// 开头。没有安装。" ;;
  esac
}

# ---- 装一个版本 --------------------------------------------------------------------------------------

check_bundle() {
  (cd "$HERE" && sha256sum -c --quiet SHA256SUMS) || die "安装包不完整或被改动，没有安装。请重新拷贝。"
}

find_python() {
  for name in $PYTHON python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, venv, sqlite3, zoneinfo; zoneinfo.ZoneInfo("Asia/Shanghai")
sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      PYTHON=$(command -v "$name")
      return
    fi
  done
  die "没有找到 Python 3.11 到 3.13（含 venv、sqlite3，系统里有时区数据 tzdata）。请先从系统安装盘安装，或用 --python 指明。没有安装。"
}

install_wheels() { # 目录 清单
  PYTHONDONTWRITEBYTECODE=1 "$1/.venv/bin/python" "$(ls "$HERE"/wheels/pip-*.whl | head -n 1)/pip" install \
    --quiet --no-index --no-deps --disable-pip-version-check --find-links "$HERE/wheels" --require-hashes \
    -r "$1/$2" > "$1/install.log" 2>&1
}

install_components() { # 目录
  "$PYTHON" -m venv --without-pip "$1/.venv" || { rm -rf "$1"; die "虚拟环境没有建成，没有安装。"; }
  install_wheels "$1" requirements.txt && return
  say "没有适合这台机器和 $("$PYTHON" --version) 的编译组件，改用纯 Python 的。"
  say "不能生成 Word 文件，图片和 PDF 只能下载、不能预览；用 PostgreSQL 的另需系统自带的 libpq。"
  install_wheels "$1" requirements-pure.txt && return
  cat "$1/install.log" >&2
  rm -rf "$1"
  die "依赖没有装上，原因见上面。没有安装。"
}

base_of() { "$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null || true; }

same_components() { # 目录：正在用的版本，组件和 Python 是不是都一样
  cmp -s "$DIR/current/wheels.sums" "$1/wheels.sums" &&
    [ "$(base_of "$DIR/current/.venv/bin/python")" = "$(base_of "$PYTHON")" ]
}

install_release() { # 目录
  say "正在安装 $NEW 版（约一分钟）……"
  rm -rf "$1.part"
  mkdir -p "$1.part"
  cp -R "$HERE/program/." "$1.part/"
  grep '  wheels/' "$HERE/SHA256SUMS" > "$1.part/wheels.sums"
  if same_components "$1.part"; then cp -al "$DIR/current/.venv" "$1.part/.venv"; else install_components "$1.part"; fi
  # 服务账号不能写程序的文件夹：在这里编译一次，不必每次启动都编译。
  "$1.part/.venv/bin/python" -m compileall -q -s "$1.part" -p "$1" "$1.part/rectify"
  rm -rf "$1"
  mv "$1.part" "$1"
}

write_environment() {
  umask 077
  {
    say "# 整改台账的配置，各项含义见 README.md。改后重新启动。"
    say "DATA_DIR='$DATA'"
    say "PORT='$PORT'"
    say "SITE_URL='$SITE'"
    say "DATABASE_URL='$DATABASE'"
  } > "$ENV"
  umask 022
  if is_root; then chown "root:$ACCOUNT" "$ENV"; chmod 640 "$ENV"; fi
}

write_wrapper() {
  {
    say '#!/bin/sh'
    say "# 整改台账的命令，例如：$DIR/rectify setup --from 建账表.xlsx"
    say 'set -a'
    say ". '$ENV'"
    say 'set +a'
    if is_root; then
      say "[ \"\$(id -un)\" = '$ACCOUNT' ] || exec runuser -u '$ACCOUNT' -- \"\$0\" \"\$@\""
    fi
    say "exec '$DIR/current/.venv/bin/python' '$DIR/current/manage.py' \"\$@\""
  } > "$DIR/rectify"
  chmod 755 "$DIR/rectify"
}

remember() {
  for name in DATA ENV PORT SITE LISTEN ACCOUNT TRIAL; do eval "say \"$name='\$$name'\""; done > "$DIR/install.conf"
}

switch_to() { ln -sfn "releases/$1" "$DIR/current"; }

run() { "$DIR/rectify" "$@"; }

# ---- 启动、停止 --------------------------------------------------------------------------------------

has_systemd() { is_root && [ -d /run/systemd/system ]; }

write_units() {
  for unit in rectify.service rectify-backup.service rectify-backup.timer; do
    sed -e "s|/opt/rectify|$DIR/current|g" -e "s|DATA_DIR=/var/lib/rectify|DATA_DIR=$DATA|" \
      -e "s|/etc/rectify.env|$ENV|" -e "s|manage.py serve|manage.py serve --host $LISTEN|" \
      -e "s|^\(User\|Group\)=.*|\1=$ACCOUNT|" -e "s|^StateDirectoryMode=.*|&\nReadWritePaths=$DATA|" \
      "$DIR/current/deploy/$unit" > "/etc/systemd/system/$unit"
  done
  systemctl daemon-reload
}

start() {
  if has_systemd; then write_units; systemctl enable --quiet --now rectify.service rectify-backup.timer; return; fi
  nohup "$DIR/rectify" serve --host "$LISTEN" --port "$PORT" >> "$DIR/serve.log" 2>&1 &
  echo $! > "$DIR/serve.pid"
}

stop() {
  if has_systemd; then systemctl stop rectify.service 2>/dev/null || true; return; fi
  [ -f "$DIR/serve.pid" ] || return 0
  pid=$(cat "$DIR/serve.pid")
  kill "$pid" 2>/dev/null || true
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 "$pid" 2>/dev/null || break
    sleep 1
  done
  rm -f "$DIR/serve.pid"
}

answers() { # 等网站应答，最多一分钟
  "$DIR/current/.venv/bin/python" - "$PORT" <<'CODE'
import sys, time, urllib.request
for _ in range(120):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz", timeout=5) as answer:
            sys.exit(answer.status != 200)
    except OSError:
        time.sleep(0.5)
sys.exit(1)
CODE
}

# ---- 三件事 ------------------------------------------------------------------------------------------

do_install() {
  questions
  [ ! -e "$DIR/current" ] || die "$DIR 里已经装有。要升级请用 ./install.sh --upgrade --dir $DIR。没有改动。"
  check_bundle
  find_python
  mkdir -p "$DIR/releases" "$DATA"
  chmod 700 "$DATA"
  ENV=$DIR/rectify.env ACCOUNT=$(id -un)
  if is_root; then
    ENV=/etc/rectify.env ACCOUNT=rectify
    id "$ACCOUNT" >/dev/null 2>&1 || useradd --system --home-dir "$DATA" --shell /usr/sbin/nologin "$ACCOUNT"
    chown "$ACCOUNT:" "$DATA"
    runuser -u "$ACCOUNT" -- "$PYTHON" -c '' 2>/dev/null ||
      die "账号 $ACCOUNT 不能运行 $PYTHON（可能装在 /root 里）。请装系统的 Python，或用 --python 指明别的。没有安装。"
  fi
  install_release "$DIR/releases/$NEW"
  if [ -f "$ENV" ]; then say "沿用原有的配置 $ENV。"; else write_environment; fi
  switch_to "$NEW"
  write_wrapper
  remember
  run migrate --verbosity 0 || die "数据库没有建好，见上面的原因。改正 $ENV 后运行 $DIR/rectify migrate。"
  if [ -n "$START" ]; then start; answers || die "没有启动成功，日志在 $DIR/serve.log 或 journalctl -u rectify。"; fi
  say "已安装 $NEW 版。数据在 $DATA，配置在 $ENV。"
  say "网址：$SITE"
  say "首次启用：$DIR/rectify setup --template 建账表.xlsx，填好后 $DIR/rectify setup --from 建账表.xlsx --slips 口令条.html"
  say "只看演示：$DIR/rectify demo"
}

known() { # 读出安装时的回答
  if [ -z "$DIR" ]; then if is_root; then DIR=/opt/rectify; else DIR=$HOME/rectify; fi; fi
  [ -f "$DIR/install.conf" ] || die "$DIR 里没有装整改台账。请用 --dir 指明安装目录。没有改动。"
  . "$DIR/install.conf"
}

database_kind() { (set -a; . "$ENV"; [ -n "${DATABASE_URL:-}" ] && echo postgres || echo sqlite); }

do_upgrade() {
  known
  OLD=$(basename "$(readlink "$DIR/current")")
  [ "$OLD" != "$NEW" ] || die "已经是 $NEW 版，没有改动。"
  check_bundle
  find_python
  install_release "$DIR/releases/$NEW"
  KEEP=$DATA/upgrades/$OLD-$(date +%Y%m%d-%H%M%S)
  mkdir -p "$KEEP"
  if is_root; then chown -R "$ACCOUNT:" "$DATA/upgrades"; fi
  say "停止网站，先备份……"
  stop
  if ! run backup "$KEEP/backup.tar"; then
    start
    die "备份没有写成，没有升级，$OLD 版已重新启动。"
  fi
  [ "$(database_kind)" = postgres ] || cp -p "$DATA"/rectify.sqlite3* "$KEEP/"
  switch_to "$NEW"
  say "升级数据库并自检……"
  if { run migrate --verbosity 0 && run verify_audit --no-files && start && answers; } 2> "$KEEP/upgrade.log"; then
    [ -n "$START" ] || stop
    say "已由 $OLD 版升级到 $NEW 版。升级前的备份在 $KEEP。"
    return
  fi
  go_back
}

go_back() {
  say "升级没有成功，正在恢复 $OLD 版……" >&2
  stop
  switch_to "$OLD"
  if [ "$(database_kind)" = postgres ]; then back_postgres; else back_sqlite; fi
  rm -rf "$DIR/releases/$NEW"
  start
  answers || die "$OLD 版没有重新启动，请查看日志。升级前的备份在 $KEEP/backup.tar，数据没有丢失。"
  [ -n "$START" ] || stop
  reason=$(tail -n 1 "$KEEP/upgrade.log")
  die "没有升级：已恢复 $OLD 版和升级前的数据，网站照常使用。升级前的备份和升级的日志 upgrade.log 在 $KEEP。
原因：${reason:-$NEW 版没有启动成功，见 $DIR/serve.log 或 journalctl -u rectify。}"
}

back_sqlite() {
  mkdir -p "$KEEP/failed"
  mv "$DATA"/rectify.sqlite3* "$KEEP/failed/"
  cp -p "$KEEP"/rectify.sqlite3* "$DATA/"
}

back_postgres() { # 旧版程序把备份放回：表先清掉，佐证材料由备份带回
  mv "$DATA/evidence" "$KEEP/evidence" 2>/dev/null || true
  run shell -v 0 -c 'from django.db import connection
with connection.cursor() as cursor:
    for table in connection.introspection.table_names():
        cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")' \
    && run migrate --verbosity 0 && run restore "$KEEP/backup.tar" \
    || die "旧数据没有自动放回。请清空数据库后运行 $DIR/rectify migrate 和 restore $KEEP/backup.tar；佐证材料也在 $KEEP。"
}

do_uninstall() {
  known
  if [ -z "$YES" ]; then
    printf '卸载 %s 里的程序，数据和配置保留。输入 yes 继续：' "$DIR"
    read -r typed
    [ "$typed" = yes ] || die "没有卸载。"
  fi
  stop
  if has_systemd; then
    systemctl disable --quiet --now rectify.service rectify-backup.timer 2>/dev/null || true
    rm -f /etc/systemd/system/rectify.service /etc/systemd/system/rectify-backup.service \
      /etc/systemd/system/rectify-backup.timer
    systemctl daemon-reload
  fi
  rm -rf "$DIR/releases" "$DIR/current" "$DIR/rectify" "$DIR/install.conf" "$DIR/serve.log"
  say "已卸载程序。数据仍在 $DATA，配置仍在 $ENV；再次安装时指明同样的目录即可继续使用。"
}

options "$@"
case $MODE in
  install) do_install ;;
  upgrade) do_upgrade ;;
  uninstall) do_uninstall ;;
esac
