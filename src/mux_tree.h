/*
 * Patterns as a tree: from the root by host, then by method, then a level a
 * segment.  All steps to literal children are in one hash table, so a lookup
 * costs what the path is long, however many patterns there are.
 *
 * It is built before it is used, and a lookup writes nothing: processes that
 * were forked in between share it.
 */
#ifndef MUX_TREE_H
#define MUX_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mux_pattern;

/* Nodes are known by their index: 0 is the root, and as a child it is none. */
struct mux_node {
	const char	*label;		/* what leads here from its parent */
	size_t		 label_len;
	uint32_t	 parent;
	uint32_t	 sibling;	/* the next child by label */
	uint32_t	 child;		/* the first */
	uint32_t	 wild;		/* the child for any segment */
	const struct mux_pattern *end;		/* the path ends here, */
	const struct mux_pattern *dollar;	/* or with a slash more, */
	const struct mux_pattern *multi;	/* or goes on as it likes */
};

/* A place of the hash table; empty while child is 0. */
struct mux_edge {
	uint32_t	 hash;
	uint32_t	 child;
};

/* Zeroed, it is empty. */
struct mux_tree {
	struct mux_node	*nodes;
	uint32_t	 nnodes;
	uint32_t	 nodes_size;
	struct mux_edge	*edges;
	uint32_t	 nedges;
	uint32_t	 edges_size;	/* a power of 2, or 0 */
};

/*
 * Adds a pattern that conflicts with none there is: 0, or -1 and ENOMEM.  In
 * either case the tree points into it from now on.
 */
int mux_tree_add(struct mux_tree *tree, const struct mux_pattern *p);
void mux_tree_free(struct mux_tree *tree);

/*
 * Finds a pattern that p conflicts with, or NULL; and says what it cost, in
 * nodes visited.  It goes only where paths lead that p matches, too, and where
 * these may be in conflict: it grows with the number of patterns only where p
 * has {name} and goes on, and many have a literal there.
 */
const struct mux_pattern *mux_tree_conflict(const struct mux_tree *tree,
    const struct mux_pattern *p, unsigned int *steps);

/* What is looked up, and what it cost. */
struct mux_lookup {
	const char	*host;		/* in lower case; "" is none */
	const char	*method;
	const char	*path;		/* begins with a slash */
	bool		 slash;		/* as if the path had one more */
	unsigned int	 steps;		/* nodes visited and edges compared */
};

/*
 * Finds the most specific pattern that matches, or NULL.  Where a literal and
 * {name} both lead on, it may have to try both ways.
 */
const struct mux_pattern *mux_tree_match(const struct mux_tree *tree,
    struct mux_lookup *lookup);

#endif
