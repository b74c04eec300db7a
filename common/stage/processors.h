/* How many processors this process may use. */
#ifndef COMMON_STAGE_PROCESSORS_H
#define COMMON_STAGE_PROCESSORS_H

/* The smaller of the processors of its affinity mask and of the CPU quota of its control groups, at least 1. */
int processors_count(void);

/* The CPU quota of a control group in processors, rounded up; 0 when it has none. cgroups: the text of
 * /proc/self/cgroup; root: where the control groups are mounted (/sys/fs/cgroup). Both versions of control groups; each
 * group of the path counts, the smallest quota wins. */
int processors_quota(const char *cgroups, const char *root);

#endif
