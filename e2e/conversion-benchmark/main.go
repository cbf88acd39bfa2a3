// conversion-benchmark converts a layer with the stargz snapshotter's own library, as ctr-remote and nerdctl do, and
// prints what that cost.
//
//	conversion-benchmark [-level N] [-min-chunk-size N] LAYER TARGET
//
// The time and the processor time are those of the conversion alone, without the start of this process.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
)

func main() {
	level := flag.Int("level", 9, "compression level; 9 is the library's default")
	minChunk := flag.Int("min-chunk-size", 0, "what the library calls so: least compressed bytes of a gzip member")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: conversion-benchmark [-level N] [-min-chunk-size N] LAYER TARGET")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *level, *minChunk); err != nil {
		fmt.Fprintln(os.Stderr, "conversion-benchmark:", err)
		os.Exit(1)
	}
}

func run(source, target string, level, minChunk int) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	defer out.Close()
	begun, cpu := time.Now(), processorTime()
	blob, err := estargz.Build(io.NewSectionReader(in, 0, info.Size()),
		estargz.WithCompressionLevel(level), estargz.WithMinChunkSize(minChunk))
	if err != nil {
		return err
	}
	size, err := io.Copy(out, blob)
	if err != nil {
		return err
	}
	if err := blob.Close(); err != nil {
		return err
	}
	fmt.Printf("%d bytes, %.2f s, %.2f CPU s\n", size, time.Since(begun).Seconds(), (processorTime() - cpu).Seconds())
	return nil
}

// processorTime is what this process has used so far, in user and kernel mode.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
