"""Runs one answer's code and its tests, after it has locked itself in. Started by ``subprocess.py`` as a
program of its own (``python -I -S sandbox.py``), so it imports nothing but the standard library.

What it gives up, before it looks at the answer, and cannot get back:

- files: Landlock leaves it reading the standard library, and nothing else; it can write nowhere
- network, other processes, new processes: a filter of system calls (seccomp) refuses them
- time, memory, open files: rlimits

The job comes as JSON on stdin, and the result goes as one line to stdout, behind the token of the job: what
the answer prints goes nowhere.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
_FILTER = 2
_LOAD, _IF_SAME, _IF_FROM, _RETURN = 0x20, 0x15, 0x35, 0x06
_KILL, _ERROR, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ = 1 << 0 | 1 << 2 | 1 << 3
"""Execute (which mapping a library needs), read files, list folders."""
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights to files each version of Landlock knows."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""In the order of ``_REFUSED``; as seccomp names them."""
_UNKNOWN = 452
"""From here on system calls are newer than this list, and all refused."""
_REFUSED = (
    # network
    "socket=41/198 socketpair=53/199 connect=42/203 accept=43/202 accept4=288/242 bind=49/200 "
    "listen=50/201 sendto=44/206 sendmsg=46/211 sendmmsg=307/269 recvfrom=45/207 recvmsg=47/212 "
    "recvmmsg=299/243 "
    # other processes
    "fork=57/- vfork=58/- clone=56/220 clone3=435/435 execve=59/221 execveat=322/281 kill=62/129 "
    "tkill=200/130 tgkill=234/131 rt_sigqueueinfo=129/138 rt_tgsigqueueinfo=297/240 "
    "pidfd_open=434/434 pidfd_getfd=438/438 pidfd_send_signal=424/424 ptrace=101/117 "
    "process_vm_readv=310/270 process_vm_writev=311/271 process_madvise=440/440 "
    "process_mrelease=448/448 kcmp=312/272 prlimit64=302/261 setpriority=141/140 ioprio_set=251/30 "
    "sched_setparam=142/118 sched_setscheduler=144/119 sched_setaffinity=203/122 "
    "sched_setattr=314/274 migrate_pages=256/238 move_pages=279/239 setpgid=109/154 setsid=112/157 "
    # memory that no limit counts
    "memfd_create=319/279 memfd_secret=447/447 shmget=29/194 shmat=30/196 shmctl=31/195 semget=64/190 "
    "semop=65/193 semctl=66/191 semtimedop=220/192 msgget=68/186 msgsnd=69/189 msgrcv=70/188 "
    "msgctl=71/187 mq_open=240/180 mq_unlink=241/181 "
    # files, where Landlock does not guard them
    "chmod=90/- fchmod=91/52 fchmodat=268/53 chown=92/- fchown=93/55 lchown=94/- fchownat=260/54 "
    "utime=132/- utimes=235/- utimensat=280/88 futimesat=261/- setxattr=188/5 lsetxattr=189/6 "
    "fsetxattr=190/7 removexattr=197/14 lremovexattr=198/15 fremovexattr=199/16 flock=73/32 "
    "open_by_handle_at=304/265 name_to_handle_at=303/264 fanotify_init=300/262 "
    # the system
    "mount=165/40 umount2=166/39 pivot_root=155/41 chroot=161/51 unshare=272/97 setns=308/268 "
    "open_tree=428/428 move_mount=429/429 fsopen=430/430 fsconfig=431/431 fsmount=432/432 "
    "fspick=433/433 mount_setattr=442/442 swapon=167/224 swapoff=168/225 reboot=169/142 "
    "sethostname=170/161 setdomainname=171/162 init_module=175/105 finit_module=313/273 "
    "delete_module=176/106 kexec_load=246/104 kexec_file_load=320/294 bpf=321/280 "
    "perf_event_open=298/241 userfaultfd=323/282 io_uring_setup=425/425 io_uring_enter=426/426 "
    "io_uring_register=427/427 io_setup=206/0 add_key=248/217 request_key=249/218 keyctl=250/219 "
    "settimeofday=164/170 clock_settime=227/112 clock_adjtime=305/266 adjtimex=159/171 acct=163/89 "
    "quotactl=179/60 quotactl_fd=443/443 syslog=103/116 vhangup=153/58 iopl=172/- ioperm=173/- "
    "personality=135/92 "
    # who it is
    "setuid=105/146 setgid=106/144 setreuid=113/145 setregid=114/143 setresuid=117/147 "
    "setresgid=119/149 setgroups=116/159 setfsuid=122/151 setfsgid=123/152 capset=126/91 "
)
"""Name = number on x86_64 / on aarch64, from Linux' own tables; "-" where there is none."""


class NotConfined(Exception):
    """This machine cannot lock it in."""


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    out = os.dup(1)
    try:
        silence()
        confine(job["seconds"], job["memory_mb"] << 20, sys.platform, platform.machine())
        result: dict[str, Any] = run(job["code"], job["tests"])
    except NotConfined as error:
        result = {"trouble": str(error)}
    os.write(out, f"\n{job['token']} {json.dumps(result)}\n".encode())
    os._exit(0)  # whatever the answer left to be done at the end is not done


def silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


def confine(seconds: int, memory: int, system: str, arch: str) -> None:
    """Raises NotConfined."""
    if system != "linux" or arch not in _ARCHITECTURES:
        raise NotConfined(f"code can be confined on Linux on x86_64 and aarch64, not on {system} on {arch}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) or libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise NotConfined("prctl was refused")
    read_only(libc)
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for name, limit in limits.items():
        resource.setrlimit(name, (limit, limit))
    filter_calls(libc, arch)


def read_only(libc: Any) -> None:
    """The standard library and what it is linked to can be read; nothing else, and nothing written."""
    abi = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        raise NotConfined(
            "this kernel has no Landlock (Linux 5.13 or newer has it, unless it is switched off)"
        )
    rights = (1 << _RIGHTS_BY_ABI.get(abi, 16)) - 1
    handled = struct.pack("Q", rights)
    ruleset = libc.syscall(_CREATE_RULESET, handled, len(handled), 0)
    if ruleset < 0:
        raise NotConfined("Landlock took no rules")
    try:
        for folder in readable():
            if not os.path.isdir(folder):  # noqa: PTH112 - pathlib takes as long to load as all else here
                continue
            place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            rule = struct.pack("=Qi", _READ, place)
            failed = libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
            os.close(place)
            if failed:
                raise NotConfined("Landlock refused a rule")
        if libc.syscall(_RESTRICT_SELF, ruleset, 0):
            raise NotConfined("Landlock was refused")
    finally:
        os.close(ruleset)


def readable() -> tuple[str, ...]:
    standard = os.path.dirname(os.path.realpath(os.__file__))  # noqa: PTH120
    return (standard, *(sys.base_prefix + end for end in ("/lib", "/lib64")), "/lib", "/lib64", "/usr/lib")


def filter_calls(libc: Any, arch: str) -> None:
    """A program of classic BPF: another architecture is killed, a refused call gets EPERM, a newer one
    ENOSYS, and all else goes on."""
    column = list(_ARCHITECTURES).index(arch)
    numbers = [call.partition("=")[2].split("/")[column] for call in _REFUSED.split()]
    steps = [_bpf(_LOAD, 4), _bpf(_IF_SAME, _ARCHITECTURES[arch], 1, 0), _bpf(_RETURN, _KILL), _bpf(_LOAD, 0)]
    for number in numbers:
        if number != "-":
            steps += [_bpf(_IF_SAME, int(number), 0, 1), _bpf(_RETURN, _ERROR | errno.EPERM)]
    steps += [_bpf(_IF_FROM, _UNKNOWN, 0, 1), _bpf(_RETURN, _ERROR | errno.ENOSYS), _bpf(_RETURN, _ALLOW)]
    program = ctypes.create_string_buffer(b"".join(steps))
    head = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    if libc.prctl(PR_SET_SECCOMP, _FILTER, head, 0, 0):
        raise NotConfined("this kernel filters no system calls")


def _bpf(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def run(code: str, tests: str) -> dict[str, int]:
    """How many tests passed, of how many. Tests are functions called ``test_…`` without arguments; where
    there are none, the whole file is one. What the code defines is there for the tests by its name."""
    names: dict[str, Any] = {"__name__": "answer", "__builtins__": __builtins__}
    if not passes(lambda: exec(compile(code, "answer", "exec"), names)):
        return {"passed": 0, "tests": 1}
    before = {name for name in names if name.startswith("test_")}
    for name in before:  # an answer's own tests are not ours
        del names[name]
    whole = passes(lambda: exec(compile(tests, "tests", "exec"), names))
    functions = [value for name, value in names.items() if name.startswith("test_") and callable(value)]
    if not whole or not functions:
        return {"passed": int(whole), "tests": 1}
    return {"passed": sum(map(passes, functions)), "tests": len(functions)}


def passes(work: Any) -> bool:
    try:
        work()
    except BaseException:  # noqa: BLE001 - whatever it is, sys.exit too: the test has failed
        return False
    return True


if __name__ == "__main__":
    main()
