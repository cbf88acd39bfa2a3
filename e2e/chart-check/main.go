// Command chart-check judges rendered manifests with the libraries of Kubernetes itself.
//
//	chart-check types FILE...       every document is of a known kind, without unknown or doubled fields
//	chart-check restricted FILE...  every pod without rights on its node keeps to the restricted profile
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	if len(os.Args) < 3 || (os.Args[1] != "types" && os.Args[1] != "restricted") {
		fmt.Fprintln(os.Stderr, "usage: chart-check types|restricted FILE...")
		os.Exit(2)
	}
	wrong, seen := 0, 0
	for _, file := range os.Args[2:] {
		objects, problems := read(file)
		if os.Args[1] == "restricted" {
			problems = append(problems, privileged(objects)...)
		}
		seen += len(objects)
		wrong += len(problems)
		for _, problem := range problems {
			fmt.Printf("%s: %s\n", file, problem)
		}
	}
	fmt.Printf("%d objects, %d problems\n", seen, wrong)
	if wrong > 0 || seen == 0 {
		os.Exit(1)
	}
}

// read decodes strictly: an unknown field, a doubled one or a value of another type is a problem.
func read(file string) (objects []runtime.Object, problems []string) {
	if err := monitoring.AddToScheme(scheme.Scheme); err != nil {
		return nil, []string{err.Error()}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, []string{err.Error()}
	}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, problems
		}
		if err != nil {
			return objects, append(problems, err.Error())
		}
		if empty(document) {
			continue
		}
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%v: %v", kind, err))
			continue
		}
		objects = append(objects, object)
	}
}

func empty(document []byte) bool {
	for _, line := range strings.Split(string(document), "\n") {
		line = strings.TrimSpace(line)
		if line != "" && line != "---" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// What works on the node itself, and says so wherever it is switched on.
var privilegedByDesign = map[string]bool{"node-setup": true, "readiness": true}

// privileged evaluates the restricted profile as the admission plugin does. Pods on the node's network, which no
// profile but "privileged" admits, have to keep to everything else of it.
func privileged(objects []runtime.Object) (problems []string) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, object := range objects {
		name, meta, spec := pod(object)
		if spec == nil || privilegedByDesign[meta.Labels["app.kubernetes.io/component"]] {
			continue
		}
		spec = spec.DeepCopy()
		onNode := meta.Labels["app.kubernetes.io/component"] == "preflight" || meta.Labels["app.kubernetes.io/component"] == "forwarder"
		if onNode {
			spec.HostNetwork = false
		}
		results := evaluator.EvaluatePod(level, meta, spec)
		if aggregated := policy.AggregateCheckResults(results); !aggregated.Allowed {
			problems = append(problems, name+": "+aggregated.ForbiddenDetail())
		}
		// Only the wait for nodes that are put back asks the API server.
		asks := meta.Labels["app.kubernetes.io/component"] == "node-removal"
		if !asks && (spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken) {
			problems = append(problems, name+": it gets a token of its service account")
		}
		for _, container := range spec.Containers {
			if container.SecurityContext == nil || container.SecurityContext.ReadOnlyRootFilesystem == nil || !*container.SecurityContext.ReadOnlyRootFilesystem {
				problems = append(problems, name+": its root file system can be written")
			}
			if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Memory().IsZero() {
				problems = append(problems, name+": no request or limit of memory")
			}
		}
	}
	return problems
}

func pod(object runtime.Object) (string, *metav1.ObjectMeta, *corev1.PodSpec) {
	switch o := object.(type) {
	case *corev1.Pod:
		return "Pod " + o.Name, &o.ObjectMeta, &o.Spec
	case *appsv1.StatefulSet:
		return "StatefulSet " + o.Name, &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *appsv1.DaemonSet:
		return "DaemonSet " + o.Name, &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *batchv1.Job:
		return "Job " + o.Name, &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *batchv1.CronJob:
		return "CronJob " + o.Name, &o.Spec.JobTemplate.Spec.Template.ObjectMeta, &o.Spec.JobTemplate.Spec.Template.Spec
	}
	return "", nil, nil
}
