import sys

import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

dtype = getattr(torch, sys.argv[1] if len(sys.argv) > 1 else "float32")
torch.manual_seed(0)

inputs = torch.randn(512, 20)
targets = (inputs[:, :10] * inputs[:, 10:]).sum(1).gt(0).long()
loader = DataLoader(TensorDataset(inputs.to(dtype), targets), batch_size=32, shuffle=True)


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(20, 64),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(64, 64),
            nn.GELU(),
            nn.BatchNorm1d(64),
            nn.Linear(64, 2),
        )

    def forward(self, x):
        return self.layers(x)


net = MLP().to(dtype)
optimizer = optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=40, gamma=0.5)

step = 0
while step < 100:
    for x, y in loader:
        loss = F.cross_entropy(net(x), y, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        print(f"{loss.item():.10f}")
        step += 1
        if step == 100:
            break
