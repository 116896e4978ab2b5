package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

// shardVariables are the variables by which CI systems tell a job which of several it is, and of how many; first is the number of the first.
var shardVariables = []struct {
	index, total string
	first        int
}{
	{"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},                         // GitLab: docs.gitlab.com/ci/variables/predefined_variables
	{"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0},                 // CircleCI: circleci.com/docs/variables
	{"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0}, // Buildkite: buildkite.com/docs/pipelines/environment-variables
	{"JOB_COMPLETION_INDEX", "UNDERSTUDY_SHARDS", 0},              // Kubernetes: an Indexed Job says the index alone
}

// shardOfEnvironment gives the shard that the variables of the CI system name, for --shard auto.
func shardOfEnvironment() (string, error) {
	for _, v := range shardVariables {
		index, total := os.Getenv(v.index), os.Getenv(v.total)
		switch {
		case index == "" && total == "1":
			return "", nil
		case index == "":
			continue
		case total == "":
			return "", hinted{fmt.Errorf("--shard auto: %s is %s, but %s does not say of how many", v.index, index, v.total), "set " + v.total + " to the number of jobs"}
		}
		i, err := strconv.Atoi(index)
		if err != nil {
			return "", hinted{fmt.Errorf("--shard auto: %s is %q, which is no number", v.index, index), "--shard 2/5 says it in so many words"}
		}
		return fmt.Sprintf("%d/%s", i-v.first+1, total), nil
	}
	return "", hinted{errors.New("--shard auto: no variable of a CI system says which shard this is"), "--shard 2/5 says it in so many words"}
}
