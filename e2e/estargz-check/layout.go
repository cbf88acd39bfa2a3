package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	digest "github.com/opencontainers/go-digest"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      digest.Digest     `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations"`
	Platform    struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	} `json:"platform"`
}

func (d descriptor) gzip() bool {
	return strings.HasSuffix(d.MediaType, "gzip")
}

// manifest is an image manifest or an index; only one of the two lists is filled.
type manifest struct {
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"`
}

// image is one platform's image inside an OCI layout directory. layers and diffIDs have the same length.
type image struct {
	dir     string
	layers  []descriptor
	diffIDs []digest.Digest
}

func openImage(ref, platform string) (*image, error) {
	colon := strings.LastIndexByte(ref, ':')
	if colon <= 0 {
		return nil, fmt.Errorf("%q is not LAYOUT:TAG", ref)
	}
	img := &image{dir: ref[:colon]}
	raw, err := os.ReadFile(filepath.Join(img.dir, "index.json"))
	if err != nil {
		return nil, err
	}
	var index manifest
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	for _, entry := range index.Manifests {
		if entry.Annotations["org.opencontainers.image.ref.name"] == ref[colon+1:] {
			return img, img.load(entry, platform)
		}
	}
	return nil, fmt.Errorf("%s has no tag %q", img.dir, ref[colon+1:])
}

func (img *image) load(entry descriptor, platform string) error {
	var found manifest
	if err := img.read(entry.Digest, &found); err != nil {
		return err
	}
	if len(found.Manifests) > 0 {
		for _, child := range found.Manifests {
			if child.Platform.OS+"/"+child.Platform.Architecture == platform {
				return img.load(child, platform)
			}
		}
		return fmt.Errorf("index %s has no %s", entry.Digest, platform)
	}
	var config struct {
		RootFS struct {
			DiffIDs []digest.Digest `json:"diff_ids"`
		} `json:"rootfs"`
	}
	if err := img.read(found.Config.Digest, &config); err != nil {
		return err
	}
	img.layers, img.diffIDs = found.Layers, config.RootFS.DiffIDs
	if len(img.layers) == 0 || len(img.layers) != len(img.diffIDs) {
		return fmt.Errorf("manifest %s has %d layers, its configuration %d DiffIDs", entry.Digest, len(img.layers), len(img.diffIDs))
	}
	return nil
}

func (img *image) read(d digest.Digest, into any) error {
	raw, err := os.ReadFile(img.blobPath(d))
	if err != nil {
		return err
	}
	if got := digest.FromBytes(raw); got != d {
		return fmt.Errorf("blob %s has the bytes of %s", d, got)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	return nil
}

func (img *image) blobPath(d digest.Digest) string {
	return filepath.Join(img.dir, "blobs", d.Algorithm().String(), d.Encoded())
}
