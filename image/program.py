"""Lays out the program for one platform: the jars without the native code of every other platform, the native code of
this one beside them, and the command.

    program.py PLATFORM BUILT TARGET

BUILT is what Maven leaves in registry-server/target/lighter, TARGET becomes the folder /lighter of the image.
"""
import pathlib
import re
import shutil
import sys
import zipfile

# The names under which Java looks for them, and where they are in their jars.
NATIVE = {
    "linux/amd64": {
        "rocksdbjni": r"librocksdbjni-linux64\.so",
        "netty-transport-native-epoll": r"META-INF/native/libnetty_transport_native_epoll_x86_64\.so",
        "zstd-jni": r"linux/amd64/libzstd-jni-.*\.so",
    },
    "linux/arm64": {
        "rocksdbjni": r"librocksdbjni-linux-aarch64\.so",
        "netty-transport-native-epoll": r"META-INF/native/libnetty_transport_native_epoll_aarch_64\.so",
        "zstd-jni": r"linux/aarch64/libzstd-jni-.*\.so",
    },
}
LIBRARY = re.compile(r"\.(so|dll|dylib|jnilib)$")
# What the kernel is told to run is a jar behind one line of text: the JVM reads a jar from its end. So no shell is
# needed, and the command takes its options from a file like any Java program.
SHEBANG = b"#!/lighter/runtime/bin/java @/lighter/java.options\n"
MANIFEST = """Manifest-Version: 1.0
Main-Class: io.lighter.server.Main
Class-Path: ../lighter.jar

"""
OLDEST = (1980, 1, 1, 0, 0, 0)


def write_entry(archive, name, content):
    info = zipfile.ZipInfo(name, OLDEST)
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED)


def without_native_code(jar, target):
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(target, "w") as result:
        for info in source.infolist():
            if not info.is_dir() and not LIBRARY.search(info.filename):
                write_entry(result, info.filename, source.read(info))


def main():
    platform, built, target = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    libraries = target / "lib"
    libraries.mkdir(parents=True)
    shutil.copyfile(built / "lighter.jar", target / "lighter.jar")
    shutil.copyfile(built / "sbom.json", target / "sbom.json")
    missing = dict(NATIVE[platform])
    for jar in sorted((built / "lib").glob("*.jar")):
        with zipfile.ZipFile(jar) as archive:
            names = archive.namelist()
            native = [name for name in names if LIBRARY.search(name)]
            for project, pattern in NATIVE[platform].items():
                for name in native:
                    if jar.name.startswith(project) and re.fullmatch(pattern, name):
                        (libraries / pathlib.PurePath(name).name).write_bytes(archive.read(name))
                        missing.pop(project, None)
        if not native:
            shutil.copyfile(jar, libraries / jar.name)
        elif any(name.endswith(".class") for name in names):
            without_native_code(jar, libraries / jar.name)
    if missing:
        raise SystemExit(f"program: no native code for {platform} in {', '.join(missing)}")
    command = target / "bin" / "lighter"
    command.parent.mkdir()
    command.write_bytes(SHEBANG)
    with zipfile.ZipFile(command, "a") as archive:
        write_entry(archive, "META-INF/MANIFEST.MF", MANIFEST)
    command.chmod(0o755)


main()
